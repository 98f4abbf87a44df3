import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@guaita/service';
import { FakeApi, giveJson } from '../contract/fake-api.ts';
import type { World, WorldService } from '../contract/world.ts';
import type { Source } from '../source.ts';
import { kubernetesSource, type KubernetesOptions } from './source.ts';

/** What the double knows of a Service; all else is as it was put. */
interface FakeService {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion: string };
}

interface FakeEvent {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: FakeService;
}

interface Watcher {
  readonly response: ServerResponse;
  readonly namespace: string | undefined;
}

const TOKEN = 'planted-token-of-the-double';

/** A double of a Kubernetes API server, as far as Services go: lists in pages, watches, bookmarks, versions that age. */
export class FakeCluster implements World {
  readonly address = '192.0.2.1';
  readonly failure =
    /^Kubernetes at 127\.0\.0\.1:\d+: GET \/api\/v1\/services .*ECONNREFUSED.*; see that the API server runs/;
  readonly takesAnyName = true;
  readonly token = TOKEN;
  readonly #folder: string;
  readonly #services = new Map<string, FakeService>();
  readonly #watchers = new Set<Watcher>();
  #events: FakeEvent[] = [];
  /** The oldest version from which on a watch can tell what happened. */
  #oldest = 0;
  #version = 1;
  /** As many services as are given at a time, whatever is asked for. */
  pageSize = 500;
  /** By which a request must show who sent it. */
  expectedToken = TOKEN;
  readonly api: FakeApi;

  constructor(folder: string) {
    this.#folder = folder;
    this.api = new FakeApi((url, response, request) => this.#answer(url, response, request));
  }

  get kubeconfig(): string {
    return join(this.#folder, 'config');
  }

  async start(): Promise<void> {
    await this.api.start();
    await writeFile(join(this.#folder, 'token'), `${TOKEN}\n`);
    await this.writeKubeconfig({ tokenFile: join(this.#folder, 'token') });
  }

  /** Writes a kubeconfig whose user has these fields of `auth-provider`, or others in place of that. */
  async writeKubeconfig(
    config: object,
    user: object = { 'auth-provider': { name: 'tokenFile', config } },
  ): Promise<void> {
    const server = `http://127.0.0.1:${this.api.port}`;
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'double',
      contexts: [{ name: 'double', context: { cluster: 'double', user: 'double' } }],
      clusters: [{ name: 'double', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'double', user }],
    };
    await writeFile(this.kubeconfig, JSON.stringify(kubeconfig));
  }

  async put({ name, ports, labels = {} }: WorldService): Promise<void> {
    this.putRaw(name, 'default', {
      metadata: { annotations: labels },
      spec: {
        type: 'NodePort',
        clusterIP: '10.96.0.7',
        ports: ports.map(({ inside, published, protocol = 'tcp' }, index) => ({
          name: `port-${index}`,
          port: inside,
          targetPort: inside,
          nodePort: published,
          protocol: protocol.toUpperCase(),
        })),
      },
      status: { loadBalancer: {} },
    });
  }

  putRaw(
    name: string,
    namespace: string,
    { metadata, ...rest }: { readonly metadata?: object; readonly spec?: unknown; readonly status?: unknown },
  ): void {
    const version = (this.#version += 1);
    const type = this.#services.has(`${namespace}/${name}`) ? 'MODIFIED' : 'ADDED';
    const object = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, name, namespace, resourceVersion: String(version) },
      ...rest,
    };
    this.#services.set(`${namespace}/${name}`, object);
    this.#say({ version, type, object });
  }

  async remove(name: string, namespace = 'default'): Promise<void> {
    const known = this.#services.get(`${namespace}/${name}`);
    this.#services.delete(`${namespace}/${name}`);
    const version = (this.#version += 1);
    const metadata = { name, namespace, resourceVersion: String(version) };
    this.#say({ version, type: 'DELETED', object: { ...known, metadata } });
  }

  async clear(): Promise<void> {
    for (const { metadata } of this.#services.values()) await this.remove(metadata.name, metadata.namespace);
    this.pageSize = 500;
    this.expectedToken = TOKEN;
  }

  /** Forgets what happened: whoever watches from an older version is told so. */
  compact(): void {
    this.#events = [];
    this.#oldest = this.#version;
  }

  /** Says to all watchers which version they are at. */
  bookmark(): void {
    const object = { kind: 'Service', apiVersion: 'v1', metadata: { resourceVersion: String(this.#version) } };
    this.sayText(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  /** Sends a text to all watchers. */
  sayText(text: string): void {
    for (const { response } of this.#watchers) response.write(text);
  }

  /** Ends all watches in good order, as a server does at their time's end. */
  endWatches(): void {
    for (const { response } of this.#watchers) response.end();
    this.#watchers.clear();
  }

  /** Breaks all watches, or those of one namespace. */
  breakWatches(namespace?: string): void {
    for (const watcher of this.#watchers) {
      if (namespace !== undefined && watcher.namespace !== namespace) continue;
      watcher.response.destroy();
      this.#watchers.delete(watcher);
    }
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  async cut(): Promise<void> {
    await this.api.stop();
  }

  async mend(): Promise<void> {
    await this.api.start();
  }

  async restart(): Promise<void> {
    await this.api.stop();
    this.compact();
    await this.api.start();
  }

  makeSource(other: Partial<KubernetesOptions> = {}): Source {
    return kubernetesSource({
      kubeconfig: this.kubeconfig,
      namespaces: [],
      address: this.address,
      onlyLabelled: false,
      clock: systemClock,
      random: Math.random,
      ...other,
    });
  }

  connections(): number {
    return this.api.connections;
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #answer(url: URL, response: ServerResponse, request: IncomingMessage): void {
    if (request.headers.authorization !== `Bearer ${this.expectedToken}`) {
      // Worse than any real one: it says what it was given.
      return refuse(response, 401, `Unauthorized: ${request.headers.authorization}`);
    }
    const [, , namespace] = /^\/api\/v1(\/namespaces\/([^/]+))?\/services$/.exec(url.pathname) ?? [];
    if (!url.pathname.endsWith('/services')) return refuse(response, 404, 'the server could not find the resource');
    if (url.searchParams.get('watch') === 'true') this.#watch(url, namespace, response);
    else this.#list(url, namespace, response);
  }

  #list({ searchParams }: URL, namespace: string | undefined, response: ServerResponse): void {
    const all = [...this.#services.values()].filter(({ metadata }) => isIn(namespace, metadata.namespace));
    const [version = this.#version, from = 0] = (searchParams.get('continue') ?? '')
      .split(':')
      .filter(Boolean)
      .map(Number);
    if (version < this.#oldest) return refuse(response, 410, 'The provided continue parameter is too old');
    const to = from + Math.min(this.pageSize, Number(searchParams.get('limit') ?? all.length));
    giveJson(response, {
      kind: 'ServiceList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(version), ...(to < all.length ? { continue: `${version}:${to}` } : {}) },
      items: all.slice(from, to),
    });
  }

  #watch({ searchParams }: URL, namespace: string | undefined, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const from = Number(searchParams.get('resourceVersion'));
    if (from < this.#oldest) {
      const status = {
        kind: 'Status',
        status: 'Failure',
        message: `too old resource version: ${from}`,
        reason: 'Expired',
        code: 410,
      };
      response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
      return;
    }
    const watcher = { response, namespace };
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
    for (const event of this.#events.filter(({ version }) => version > from)) tell(watcher, event);
  }

  #say(event: FakeEvent): void {
    this.#events.push(event);
    for (const watcher of this.#watchers) tell(watcher, event);
  }
}

function tell({ response, namespace }: Watcher, { type, object }: FakeEvent): void {
  if (isIn(namespace, object.metadata.namespace)) response.write(`${JSON.stringify({ type, object })}\n`);
}

function isIn(wanted: string | undefined, namespace: string): boolean {
  return wanted === undefined || wanted === namespace;
}

function refuse(response: ServerResponse, code: number, message: string): void {
  giveJson(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }, code);
}

/** Starts a double; `stop` it when done. */
export async function startFakeCluster(): Promise<FakeCluster> {
  const cluster = new FakeCluster(await mkdtemp(join(tmpdir(), 'fake-cluster-')));
  await cluster.start();
  return cluster;
}
