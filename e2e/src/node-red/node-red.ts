import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { end, freePort, started, tied } from '@guaita/lab';
import { installPackage } from './installed-package.ts';

/** How long Node-RED may take to load its nodes, and to start flows. */
const PATIENCE_ms = 60_000;

const POLL_ms = 50;

/** What it logs once its flows run. */
const STARTED = 'Started flows';

/** A node of a flow, as Node-RED exports it. */
export type FlowNode = { id: string; type: string } & Record<string, unknown>;

/** The dot below a node. */
export interface Dot {
  readonly fill?: string;
  readonly shape?: string;
  readonly text?: string;
}

/** Tells all that is to be known without the network, and nothing to anybody. */
const SETTINGS = `module.exports = {
  uiHost: '127.0.0.1',
  credentialSecret: 'of a test',
  flowFile: 'flows.json',
  diagnostics: { enabled: false },
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false } },
  editorTheme: { tours: false },
  debugMaxLength: 100000,
};
`;

/** A real Node-RED on loopback, with a user folder of its own and our package in it. */
export class NodeRed {
  readonly port: number;
  /** The newest dot of each node that shows one. */
  readonly dots = new Map<string, Dot>();
  /** What debug nodes show, by the id of the debug node. */
  readonly debug = new Map<string, unknown[]>();
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #socket: WebSocket | undefined;
  #log = '';

  constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it has written to its log. */
  get log(): string {
    return this.#log;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async start(): Promise<void> {
    await installPackage(this.#folder);
    await writeFile(join(this.#folder, 'settings.js'), SETTINGS);
    const program = createRequire(import.meta.url).resolve('node-red/red.js');
    const args = [program, '--userDir', this.#folder, '--port', String(this.port)];
    const child = tied(spawn(process.execPath, args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] }));
    this.#process = child;
    const keep = (text: Buffer): void => {
      this.#log += text.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    await this.#logs(STARTED, 1);
    // The flows may run before it listens.
    await this.#logs('Server now running', 1);
    await this.#listen();
  }

  /** Ends it and takes its folder away. */
  async stop(): Promise<void> {
    this.#socket?.close();
    await end(this.#process, 'SIGTERM');
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Replaces all flows, as the editor's *Deploy* does. */
  async deploy(flows: readonly FlowNode[], credentials: Readonly<Record<string, object>> = {}): Promise<void> {
    const withSecrets = flows.map((node) => {
      const secrets = credentials[node.id];
      return secrets === undefined ? node : { ...node, credentials: secrets };
    });
    this.dots.clear();
    this.debug.clear();
    const starts = this.#times(STARTED);
    const asked = { 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': 'full' };
    await this.#ask('POST', '/flows', { flows: withSecrets }, asked);
    await this.#logs(STARTED, starts + 1);
  }

  /** Presses the button of an inject node. */
  async press(inject: string): Promise<void> {
    await this.#ask('POST', `/inject/${inject}`, {});
  }

  /** Asks the admin API, or a page that a flow serves. */
  async get(path: string, accept = 'application/json'): Promise<string> {
    return this.#ask('GET', path, undefined, { accept });
  }

  async #ask(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<string> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(this.url + path, {
      ...{ method, headers: { 'content-type': 'application/json', ...headers } },
      ...sent,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}\n${this.#log}`);
    return text;
  }

  #times(words: string): number {
    return this.#log.split(words).length - 1;
  }

  /** Waits until it has logged `words` so many times. */
  async #logs(words: string, times: number): Promise<void> {
    const deadline = performance.now() + PATIENCE_ms;
    while (this.#times(words) < times) {
      if (!this.isRunning || performance.now() > deadline) throw new Error(`no '${words}' in its log:\n${this.#log}`);
      await pause(POLL_ms);
    }
  }

  /** Hears what the editor hears: dots and debug messages. */
  async #listen(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/comms`);
    this.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error('the editor’s WebSocket does not open'));
    });
    socket.onmessage = ({ data }) => {
      for (const { topic, data: said } of [JSON.parse(String(data))].flat()) this.#hear(topic, said);
    };
    for (const topic of ['status/#', 'debug']) socket.send(JSON.stringify({ subscribe: topic }));
  }

  #hear(topic: unknown, said: unknown): void {
    if (typeof topic !== 'string') return;
    if (topic.startsWith('status/')) this.dots.set(topic.slice('status/'.length), said as Dot);
    if (topic !== 'debug') return;
    const { id, msg, format } = said as { id: string; msg: string; format: string };
    const value: unknown = /^(Object|array|error)/i.test(format) ? JSON.parse(msg) : msg;
    this.debug.set(id, [...(this.debug.get(id) ?? []), value]);
  }
}

/** Starts a Node-RED with our package; `stop` it when done. It does not outlive this process. */
export async function startNodeRed(): Promise<NodeRed> {
  const folder = await mkdtemp(join(tmpdir(), 'node-red-'));
  return started(new NodeRed(await freePort(), folder));
}
