import { started } from '@guaita/lab';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CACHE } from './cache.ts';
import { LabHost } from './host.ts';
import { buildImages, copyImages } from './images.ts';
import { LabNetwork, NETWORK } from './network.ts';
import { checkOutsider, outside, OUTSIDER } from './outsider.ts';

const HOSTS = ['pi-1', 'pi-2', 'pi-3'] as const;
const FIRST_HOST = 11;
const OUTSIDER_ADDRESS = `${NETWORK}.100`;
const SWARM_PORT = 2377;

/** Three hosts, each with a Docker daemon that manages one Swarm, in a network with devices and this process outside. */
export class SwarmLab {
  readonly network = new LabNetwork();
  readonly hosts: readonly LabHost[];
  readonly folder: string;
  readonly #say: (line: string) => void;

  /** @param say is told what is being done, for it takes a minute or two */
  constructor(folder: string, say: (line: string) => void) {
    this.folder = folder;
    this.#say = say;
    this.hosts = HOSTS.map((name, index) => {
      const address = `${NETWORK}.${FIRST_HOST + index}`;
      return new LabHost(name, address, join(folder, 'hosts'), this.network);
    });
  }

  /** @throws {Error} where it is not run by root in a network namespace of its own. */
  async start(): Promise<void> {
    await checkOutsider();
    await this.#step('a network and three hosts', async () => {
      await this.network.start();
      await this.network.plugIn(OUTSIDER, process.pid, OUTSIDER_ADDRESS, outside);
      await Promise.all(this.hosts.map((host) => host.powerOn()));
    });
    const [first, ...others] = this.hosts;
    await this.#step('images', async () => {
      const names = await buildImages(first!.docker, join(this.folder, 'images'), CACHE);
      const archive = join(this.folder, 'images.tar');
      await copyImages(
        names,
        first!.docker,
        others.map(({ docker }) => docker),
        archive,
      );
      await rm(archive);
    });
    await this.#step('a Swarm of three managers', async () => {
      await first!.docker.docker('swarm', 'init', '--advertise-addr', first!.address);
      const token = (await first!.docker.docker('swarm', 'join-token', '--quiet', 'manager')).trim();
      for (const { docker, address } of others) {
        const at = `${first!.address}:${SWARM_PORT}`;
        await docker.docker('swarm', 'join', '--token', token, '--advertise-addr', address, at);
      }
    });
  }

  /** A host by its name. */
  host(name: string): LabHost {
    const found = this.hosts.find((host) => host.name === name);
    if (found === undefined) throw new Error(`the lab has no host ${name}`);
    return found;
  }

  /** The first host that is switched on: any of them manages the Swarm. */
  get manager(): LabHost {
    const found = this.hosts.find(({ docker }) => docker.runs);
    if (found === undefined) throw new Error('no host is switched on');
    return found;
  }

  /** Puts hosts on the other side of a cut in the network, where devices are still reached. */
  async partition(...names: readonly string[]): Promise<void> {
    await this.network.partition(new Map(names.map((name) => [name, this.host(name).address])));
  }

  async stop(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stop()));
    await this.network.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #step(what: string, work: () => Promise<void>): Promise<void> {
    const began_ms = performance.now();
    await work();
    this.#say(`${what}: ${((performance.now() - began_ms) / 1000).toFixed(1)} s`);
  }
}

/** Starts one; `stop` it when done. It does not outlive this process. */
export async function startSwarmLab(say: (line: string) => void): Promise<SwarmLab> {
  return await started(new SwarmLab(await mkdtemp(join(tmpdir(), 'guaita-swarm-lab-')), say));
}
