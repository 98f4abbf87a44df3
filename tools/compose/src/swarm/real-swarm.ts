import { DockerDaemon, HOST_ADDRESS, run } from '@guaita/lab/docker';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { World, WorldPort, WorldService } from '@guaita/serf-publisher/contract';
import { swarmSource } from '@guaita/serf-publisher/swarm';
import { systemClock } from '@guaita/service';
import { SocketProxy } from './socket-proxy.ts';

/** An image with nothing but a program that waits. */
const IMAGE = 'guaita-e2e/sleep';
const SLEEP = ['/bin/sleep', '1000000'];
/** No node has it: the service is there, with its ports, and no container is ever made. */
const NOWHERE = 'node.labels.there==never';

type Source = ReturnType<World['makeSource']>;

/** A real Docker engine that is the one manager of a Swarm, worked by Docker's own client. */
export class RealSwarm implements World {
  readonly address = HOST_ADDRESS;
  readonly failure = /^Docker at unix:.*: GET \/version failed: .*(ENOENT|ECONNREFUSED).*; start Docker there/;
  readonly takesAnyName = false;
  readonly #folder: string;
  readonly #daemon: DockerDaemon;
  readonly #proxy: SocketProxy;
  readonly #services = new Map<string, WorldService>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#daemon = new DockerDaemon(join(folder, 'docker'));
    this.#proxy = new SocketProxy(join(folder, 'proxy.sock'), join(folder, 'docker/docker.sock'));
  }

  /** Where its engine is asked, so that the way there can be cut. */
  get url(): string {
    return `unix://${join(this.#folder, 'proxy.sock')}`;
  }

  async start(): Promise<void> {
    await this.#daemon.start();
    await this.#daemon.docker('swarm', 'init', '--advertise-addr', HOST_ADDRESS);
    await this.#makeImage();
    await this.#proxy.start();
  }

  async put(service: WorldService): Promise<void> {
    const known = this.#services.get(service.name);
    const { name, ports, labels = {} } = service;
    if (known === undefined) {
      await this.#create(name, [
        ...ports.flatMap((port) => ['--publish', published(port)]),
        ...words('--label', labels),
        ...['--constraint', NOWHERE],
      ]);
    } else {
      const gone = Object.keys(known.labels ?? {}).filter((label) => !(label in labels));
      await this.#daemon.docker(
        ...['service', 'update', '--detach', '--no-resolve-image'],
        // Docker's client takes a port away for good that it is to remove and to add.
        ...without(known.ports, ports).flatMap(({ inside, protocol = 'tcp' }) => [
          '--publish-rm',
          `${inside}/${protocol}`,
        ]),
        ...without(ports, known.ports).flatMap((port) => ['--publish-add', published(port)]),
        ...gone.flatMap((label) => ['--label-rm', label]),
        ...words('--label-add', labels),
        name,
      );
    }
    this.#services.set(name, service);
  }

  /** Starts a service whose container runs, with a port at the node where it does. */
  async putLocal(name: string, port: WorldPort): Promise<void> {
    await this.#create(name, ['--publish', `mode=host,${published(port)}`]);
    this.#services.set(name, { name, ports: [port] });
  }

  /** Sets how many containers a service has. */
  async scale(name: string, count: number): Promise<void> {
    await this.#daemon.docker('service', 'scale', '--detach', `${name}=${count}`);
  }

  async remove(name: string): Promise<void> {
    await this.#daemon.docker('service', 'rm', name);
    this.#services.delete(name);
  }

  async clear(): Promise<void> {
    for (const name of [...this.#services.keys()]) await this.remove(name);
  }

  async cut(): Promise<void> {
    await this.#proxy.stop();
  }

  async mend(): Promise<void> {
    await this.#proxy.start();
  }

  async restart(): Promise<void> {
    await this.#daemon.stop();
    await this.#daemon.start();
    // It answers before it manages its Swarm again.
    await this.#daemon.docker('node', 'ls');
  }

  makeSource(): Source {
    return swarmSource({
      engine: { url: this.url },
      address: undefined,
      onlyLabelled: false,
      clock: systemClock,
      random: Math.random,
    });
  }

  connections(): number {
    return this.#proxy.connections;
  }

  async stop(): Promise<void> {
    await this.#proxy.stop();
    await this.#daemon.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #create(name: string, flags: readonly string[]): Promise<void> {
    const always = ['service', 'create', '--detach', '--no-resolve-image', '--name', name];
    await this.#daemon.docker(...always, ...flags, IMAGE, ...SLEEP);
  }

  /** No registry is needed: `sleep` and the libraries that it is linked with. */
  async #makeImage(): Promise<void> {
    const root = join(this.#folder, 'image');
    const linked = await run('ldd', [SLEEP[0] ?? '']);
    for (const file of [SLEEP[0] ?? '', ...(linked.match(/\/\S+/g) ?? [])]) {
      await mkdir(join(root, dirname(file)), { recursive: true });
      await copyFile(file, join(root, file));
    }
    const archive = join(this.#folder, 'image.tar');
    await run('tar', ['--create', `--file=${archive}`, '-C', root, '.']);
    await this.#daemon.docker('import', archive, IMAGE);
  }
}

function published({ inside, published: outside, protocol = 'tcp' }: WorldPort): string {
  return `published=${outside},target=${inside},protocol=${protocol}`;
}

function without(ports: readonly WorldPort[], others: readonly WorldPort[]): readonly WorldPort[] {
  const known = new Set(others.map(published));
  return ports.filter((port) => !known.has(published(port)));
}

function words(flag: string, labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(labels).flatMap(([label, value]) => [flag, `${label}=${value}`]);
}

/** Starts one; `stop` it when done. */
export async function startRealSwarm(): Promise<RealSwarm> {
  const swarm = new RealSwarm(await mkdtemp(join(tmpdir(), 'guaita-swarm-')));
  try {
    await swarm.start();
  } catch (error) {
    await swarm.stop();
    throw error;
  }
  return swarm;
}
