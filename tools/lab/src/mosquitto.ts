import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, tied } from './child.ts';
import { freePort, listens } from './ports.ts';
import { started } from './started.ts';
import { systemProgram } from './system-program.ts';

export interface MosquittoOptions {
  /** Default: one that is free now. */
  readonly port?: number;
  /** Further lines of `mosquitto.conf`; without them anonymous clients may do anything. */
  readonly config?: string;
  /** Keeps retained messages and sessions over a `restart` (not over `restart({ empty: true })`). Default: no. */
  readonly persistence?: boolean;
  /** Listens on a Unix socket as well. Default: no. */
  readonly unixSocket?: boolean;
}

/** How long a broker may take to listen. */
const PATIENCE_ms = 10_000;

const POLL_ms = 20;

/** A real Mosquitto on loopback, in a folder of its own. */
export class Mosquitto {
  readonly port: number;
  readonly #options: MosquittoOptions;
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #log = '';

  constructor(port: number, folder: string, options: MosquittoOptions) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** The file of its Unix socket, where it has one. */
  get socket(): string {
    return join(this.#folder, 'mosquitto.sock');
  }

  get socketUrl(): string {
    return `mqtt+unix://${this.socket}`;
  }

  /** What it has written to its log since it was made. */
  get log(): string {
    return this.#log;
  }

  /** @throws {Error} with its log, when it does not listen within ten seconds. */
  async start(): Promise<void> {
    const file = join(this.#folder, 'mosquitto.conf');
    await writeFile(file, this.#configuration());
    const broker = tied(spawn(systemProgram('mosquitto'), ['-c', file], { stdio: ['ignore', 'pipe', 'pipe'] }));
    this.#process = broker;
    const keep = (text: Buffer): void => {
      this.#log += text.toString();
    };
    broker.stdout.on('data', keep);
    broker.stderr.on('data', keep);
    broker.on('error', (error) => keep(Buffer.from(`${error.message}\n`)));
    const deadline = performance.now() + PATIENCE_ms;
    while (!(await listens(this.port))) {
      if (broker.exitCode !== null || performance.now() > deadline) {
        await this.kill();
        throw new Error(`mosquitto does not listen on port ${this.port}; its log:\n${this.#log}`);
      }
      await pause(POLL_ms);
    }
  }

  /** Ends it in good order (SIGTERM): with persistence it writes its state first. */
  async halt(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends it at once (SIGKILL). */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it and takes its folder away. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Stops it from running, without ending it: its connections stay open and nothing answers. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** Lets a frozen one run on. */
  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends it in good order and starts it again, with its stored state or, `empty`, without. */
  async restart({ empty = false } = {}): Promise<void> {
    await this.halt();
    if (empty) await rm(join(this.#folder, 'mosquitto.db'), { force: true });
    await this.start();
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const broker = this.#process;
    this.#process = undefined;
    await end(broker, signal);
  }

  #configuration(): string {
    const { config = 'allow_anonymous true', persistence = false, unixSocket = false } = this.#options;
    const lines = [
      // Before the port, which is looked at to see whether it has started.
      ...(unixSocket ? [`listener 0 ${this.socket}`] : []),
      `listener ${this.port} 127.0.0.1`,
      'log_dest stderr',
      `persistence ${persistence}`,
      `persistence_location ${this.#folder}/`,
      // Started as root it would give up root, and then could not write in the folder.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      config,
    ];
    return `${lines.join('\n')}\n`;
  }
}

/** Starts a Mosquitto; `stop` it when done. It does not outlive this process. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'mosquitto-'));
  return await started(new Mosquitto(options.port ?? (await freePort()), folder, options));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
