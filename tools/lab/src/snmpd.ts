import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, tied, untilSaid } from './child.ts';
import { started } from './started.ts';
import { systemProgram } from './system-program.ts';
import { freePort } from './ports.ts';

/** An SNMPv3 user as snmpd's `createUser` takes it. */
export interface SnmpdUser {
  readonly name: string;
  readonly auth?: { readonly protocol: string; readonly password: string };
  readonly priv?: { readonly protocol: string; readonly password: string };
}

export interface SnmpdOptions {
  /** Default: one that is free now. */
  readonly port?: number;
  /** Each is an agent. Default: 127.0.0.1; all of 127.0.0.0/8 are there to be taken, and in a namespace `0.0.0.0`. */
  readonly addresses?: readonly string[];
  readonly communities?: readonly string[];
  readonly users?: readonly SnmpdUser[];
  /** Further lines of `snmpd.conf`. */
  readonly config?: string;
  /** How to start it elsewhere, in a namespace for instance. */
  readonly spawn?: (command: string, args: readonly string[], env: NodeJS.ProcessEnv) => ChildProcess;
}

/** A real snmpd of Net-SNMP, in a folder of its own. */
export class Snmpd {
  readonly port: number;
  readonly #folder: string;
  readonly #options: SnmpdOptions;
  #process: ChildProcess | undefined;
  #log = '';

  constructor(port: number, folder: string, options: SnmpdOptions) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  /** The process, whose CPU is not the poller's. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** @throws {Error} with its log, when it does not listen within twenty seconds. */
  async start(): Promise<void> {
    const file = join(this.#folder, 'snmpd.conf');
    await writeFile(file, this.#configuration());
    const { addresses = ['127.0.0.1'] } = this.#options;
    const endpoints = addresses.map((address) =>
      address.includes(':') ? `udp6:[${address}]:${this.port}` : `udp:${address}:${this.port}`,
    );
    const args = ['-f', '-Lo', '-C', '-c', file, '-p', join(this.#folder, 'pid'), ...endpoints];
    const env = { ...process.env, SNMP_PERSISTENT_DIR: this.#folder, MIBS: '' };
    const start = this.#options.spawn ?? ((command, rest, environment) => spawn(command, rest, { env: environment }));
    const agent = tied(start(systemProgram('snmpd'), args, env));
    this.#process = agent;
    await untilSaid(agent, {
      // Said once its endpoints are open.
      words: 'NET-SNMP version',
      keep: (text) => (this.#log += text),
      failure: () => new Error(`snmpd does not listen on port ${this.port}; its log:\n${this.#log}`),
    });
  }

  /** Stops it from running, without ending it: requests queue, nothing answers. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends it; its folder stays. */
  async kill(): Promise<void> {
    const agent = this.#process;
    this.#process = undefined;
    await end(agent);
  }

  /** Ends it and starts it again: its sysUpTime begins anew, its SNMPv3 engine has booted once more. */
  async restart(): Promise<void> {
    await this.kill();
    this.#log = '';
    await this.start();
  }

  /** Ends it and takes its folder away. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #configuration(): string {
    const { communities = ['public'], users = [], config = '' } = this.#options;
    return `${[
      ...communities.map((community) => `rocommunity ${community}`),
      ...users.flatMap(({ name, auth, priv }) => [
        `createUser ${[
          name,
          ...(auth === undefined ? [] : [auth.protocol, `"${auth.password}"`]),
          ...(priv === undefined ? [] : [priv.protocol, `"${priv.password}"`]),
        ].join(' ')}`,
        `rouser ${name} ${priv !== undefined ? 'priv' : auth !== undefined ? 'auth' : 'noauth'}`,
      ]),
      config,
    ].join('\n')}\n`;
  }
}

/** Starts an snmpd; `stop` it when done. It does not outlive this process. */
export async function startSnmpd(options: SnmpdOptions = {}): Promise<Snmpd> {
  const folder = await mkdtemp(join(tmpdir(), 'snmpd-'));
  return await started(new Snmpd(options.port ?? (await freePort()), folder, options));
}
