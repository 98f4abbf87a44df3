import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, tied, untilSaid } from './child.ts';
import { freePort } from './ports.ts';
import { started } from './started.ts';
import { systemProgram } from './system-program.ts';

export interface SerfAgentOptions {
  readonly name: string;
  /** Where it gossips and listens. Default: 127.0.0.1; all of 127.0.0.0/8 are there to be taken. */
  readonly host?: string;
  /** What clients of its RPC have to say first. */
  readonly authKey?: string;
  /** Keeps its tags over a restart. Default: no. */
  readonly keepsTags?: boolean;
  /** How fast it gossips and how soon it takes others for dead: `lan` as agents do in the field. Default: `local`, faster. */
  readonly profile?: 'local' | 'lan';
  /** How it is started; inside a namespace, say. Default: on this machine. */
  readonly spawn?: (command: string, args: readonly string[]) => ChildProcess;
}

/** A real Serf agent of HashiCorp, in a folder of its own. */
export class SerfAgent {
  readonly name: string;
  /** `host:port` of its RPC. */
  readonly rpc: string;
  /** `host:port` at which other agents join it. */
  readonly gossip: string;
  readonly #options: SerfAgentOptions;
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #log = '';

  constructor(ports: { rpc: number; gossip: number }, folder: string, options: SerfAgentOptions) {
    const { host = '127.0.0.1' } = options;
    this.name = options.name;
    this.rpc = `${host}:${ports.rpc}`;
    this.gossip = `${host}:${ports.gossip}`;
    this.#folder = folder;
    this.#options = options;
  }

  /** What it has written to its log since it was started. */
  get log(): string {
    return this.#log;
  }

  /** @throws {Error} with its log, when it does not listen within twenty seconds. */
  async start(): Promise<void> {
    const file = join(this.#folder, 'agent.json');
    await writeFile(file, JSON.stringify(this.#configuration()));
    this.#log = '';
    const { spawn: begin = (command, args) => tied(spawn(command, args)) } = this.#options;
    const agent = begin(systemProgram('serf'), ['agent', `-config-file=${file}`]);
    this.#process = agent;
    await untilSaid(agent, {
      // Said once its endpoints are open.
      words: 'Serf agent running!',
      keep: (text) => (this.#log += text),
      failure: () => new Error(`serf does not listen on ${this.rpc}; its log:\n${this.#log}`),
    });
  }

  /** Stops it from running, without ending it: its connections stay open and nothing answers. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends it at once (SIGKILL): the others take it for failed. Its folder stays. */
  async kill(): Promise<void> {
    const agent = this.#process;
    this.#process = undefined;
    await end(agent);
  }

  /** Kills it and starts it again: alone, until somebody joins it. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Ends it and takes its folder away. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #configuration(): Record<string, unknown> {
    const { name, authKey, keepsTags = false, profile = 'local' } = this.#options;
    return {
      node_name: name,
      bind: this.gossip,
      rpc_addr: this.rpc,
      profile,
      log_level: 'debug',
      ...(authKey === undefined ? {} : { rpc_auth: authKey }),
      ...(keepsTags ? { tags_file: join(this.#folder, 'tags.json') } : {}),
    };
  }
}

/** Starts a Serf agent; `stop` it when done. It does not outlive this process. */
export async function startSerfAgent(options: SerfAgentOptions): Promise<SerfAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'serf-'));
  const ports = { rpc: await freePort(), gossip: await freePort() };
  return started(new SerfAgent(ports, folder, options));
}
