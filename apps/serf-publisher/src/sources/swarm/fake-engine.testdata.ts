import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@guaita/service';
import { FakeApi, giveJson } from '../contract/fake-api.ts';
import type { World, WorldService } from '../contract/world.ts';
import type { Source } from '../source.ts';
import { swarmSource } from './source.ts';

/** As the parts of Docker's engine API read that the double has. */
interface FakePort {
  readonly Protocol: string;
  readonly TargetPort: number;
  readonly PublishedPort: number;
  readonly PublishMode: string;
}

export interface FakeTask {
  readonly ServiceID: string;
  readonly NodeID: string;
  readonly Status: { readonly State: string; readonly PortStatus: { readonly Ports?: readonly FakePort[] } };
}

interface FakeService {
  readonly ID: string;
  readonly Spec: object;
  readonly Endpoint: object;
}

/** The node that is asked, in the double's Swarm. */
export const SELF = { id: 'node-1', address: '192.0.2.1' };
export const OTHER = { id: 'node-2', address: '192.0.2.2' };

/** The version of the API that Debian 12's engine has. */
const VERSION = '1.41';

/** A double of a Docker engine that manages a Swarm, at a socket of its own. */
export class FakeEngine implements World {
  readonly address = SELF.address;
  readonly failure = /^Docker at unix:.*docker\.sock: GET \/version .*(ENOENT|ECONNREFUSED).*; start Docker there/;
  readonly takesAnyName = true;
  readonly #folder: string;
  readonly #services = new Map<string, FakeService>();
  readonly #listeners = new Set<ServerResponse>();
  readonly api: FakeApi;
  tasks: readonly FakeTask[] = [];
  managesSwarm = true;
  #made = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.api = new FakeApi((url, response) => this.#answer(url, response), join(folder, 'docker.sock'));
  }

  get url(): string {
    return `unix://${join(this.#folder, 'docker.sock')}`;
  }

  async put({ name, ports, labels = {} }: WorldService): Promise<void> {
    const published = ports.map(({ inside, published: outside, protocol = 'tcp' }): FakePort => ({
      Protocol: protocol,
      TargetPort: inside,
      PublishedPort: outside,
      PublishMode: 'ingress',
    }));
    this.putRaw(name, { Name: name, Labels: labels, EndpointSpec: { Ports: published } }, published);
  }

  /** @returns its id */
  putRaw(name: string, spec: object, ports: readonly FakePort[] | undefined): string {
    const known = this.#services.get(name);
    const ID = known?.ID ?? `service-${(this.#made += 1)}`;
    this.#services.set(name, {
      ID,
      Spec: spec,
      Endpoint: { Spec: {}, ...(ports === undefined ? {} : { Ports: ports }) },
    });
    this.say({
      Type: 'service',
      Action: known === undefined ? 'create' : 'update',
      Actor: { ID, Attributes: { name } },
    });
    return ID;
  }

  async remove(name: string): Promise<void> {
    const known = this.#services.get(name);
    this.#services.delete(name);
    this.say({ Type: 'service', Action: 'remove', Actor: { ID: known?.ID, Attributes: { name } } });
  }

  async clear(): Promise<void> {
    this.#services.clear();
    this.tasks = [];
    this.managesSwarm = true;
  }

  /** Tells an event to all who listen. */
  say(event: object): void {
    this.sayText(`${JSON.stringify(event)}\n`);
  }

  sayText(text: string): void {
    for (const listener of this.#listeners) listener.write(text);
  }

  /** Ends every stream of events in good order. */
  hangUp(): void {
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  async cut(): Promise<void> {
    await this.api.stop();
  }

  async mend(): Promise<void> {
    await this.api.start();
  }

  async restart(): Promise<void> {
    await this.api.stop();
    await this.api.start();
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
    return this.api.connections;
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #answer({ pathname }: URL, response: ServerResponse): void {
    const path = pathname.replace(`/v${VERSION}/`, '/');
    if (path !== '/version' && path === pathname)
      giveJson(response, { message: `client version is not ${VERSION}` }, 400);
    else if (path === '/version')
      giveJson(response, { Version: '20.10.24', ApiVersion: VERSION, MinAPIVersion: '1.12' });
    else if (path === '/events') this.#listen(response);
    else if (path === '/info') giveJson(response, { Swarm: { NodeID: SELF.id, NodeAddr: SELF.address } });
    else if (!this.managesSwarm) giveJson(response, { message: 'This node is not a swarm manager.' }, 503);
    else if (path === '/services') giveJson(response, [...this.#services.values()]);
    else if (path === '/tasks') giveJson(response, this.tasks);
    else if (path === '/nodes') {
      giveJson(
        response,
        [SELF, OTHER].map(({ id, address }) => ({ ID: id, Status: { State: 'ready', Addr: address } })),
      );
    } else giveJson(response, { message: 'page not found' }, 404);
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
  }
}

/** Starts a double; `stop` it when done. */
export async function startFakeEngine(): Promise<FakeEngine> {
  const engine = new FakeEngine(await mkdtemp(join(tmpdir(), 'fake-engine-')));
  await engine.mend();
  return engine;
}
