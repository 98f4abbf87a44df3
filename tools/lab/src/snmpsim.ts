import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, tied } from './child.ts';
import { started } from './started.ts';
import { freePort } from './ports.ts';

/** One line of a recording: an OID, a type, a value. */
export interface RecordedObject {
  readonly oid: string;
  readonly type: string;
  readonly value: number | bigint | string | Uint8Array | null;
}

export interface SnmpsimOptions {
  /** Default: one that is free now. */
  readonly port?: number;
  /** Recordings by name, which is the community that they answer to: objects, or the lines of a `.snmprec` file. */
  readonly recordings: Readonly<Record<string, readonly RecordedObject[] | string>>;
  /** SNMPv3 users, for whom a recording's name is the context; protocols as snmpsim's options name them. */
  readonly users?: readonly SnmpsimUser[];
}

export interface SnmpsimUser {
  readonly name: string;
  readonly auth: { readonly protocol: string; readonly password: string };
  readonly priv: { readonly protocol: string; readonly password: string };
}

/** A Python program that indexes its recordings first. */
const PATIENCE_ms = 60_000;

/** The numbers of types in `.snmprec` files: their BER tags. */
const TAGS: Readonly<Record<string, string>> = {
  integer: '2',
  string: '4x',
  null: '5',
  oid: '6',
  ip: '64',
  counter32: '65',
  gauge32: '66',
  timeticks: '67',
  opaque: '68x',
  counter64: '70',
};

/** A real snmpsim that answers as recorded devices. */
export class Snmpsim {
  readonly port: number;
  readonly #folder: string;
  readonly #options: SnmpsimOptions;
  #process: ChildProcess | undefined;

  constructor(port: number, folder: string, options: SnmpsimOptions) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  /** @throws {Error} with its log, when it does not listen within a minute. */
  async start(): Promise<void> {
    const data = join(this.#folder, 'data');
    const cache = join(this.#folder, 'cache');
    await mkdir(data);
    await mkdir(cache);
    for (const [name, recording] of Object.entries(this.#options.recordings)) {
      await writeFile(join(data, `${name}.snmprec`), typeof recording === 'string' ? recording : lines(recording));
    }
    const { users = [] } = this.#options;
    // Started as root it insists on giving up root; it writes an index beside each recording.
    const isRoot = process.getuid?.() === 0;
    for (const folder of [this.#folder, data, cache]) await chmod(folder, 0o777);
    const child = spawn(
      'snmpsimd',
      [
        `--data-dir=${data}`,
        `--cache-dir=${cache}`,
        `--agent-udpv4-endpoint=127.0.0.1:${this.port}`,
        ...(users.length === 0 ? ['--v2c-arch'] : users.flatMap(userArguments)),
        '--logging-method=stdout',
        ...(isRoot ? ['--process-user=nobody', '--process-group=nogroup'] : []),
      ],
      { env: { ...process.env, PYTHONUNBUFFERED: '1', HOME: this.#folder } },
    );
    const simulator = tied(child);
    this.#process = simulator;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      const fail = (): void => reject(new Error(`snmpsimd does not listen on port ${this.port}; its log:\n${log}`));
      const timer = setTimeout(fail, PATIENCE_ms);
      simulator.once('error', reject);
      simulator.once('exit', fail);
      const keep = (text: Buffer): void => {
        // It writes a line for each request: nothing is kept once it listens.
        if (log.includes('Listening at')) return;
        log += text.toString();
        if (!log.includes('Listening at')) return;
        clearTimeout(timer);
        simulator.off('exit', fail);
        resolve();
      };
      simulator.stdout.on('data', keep);
      simulator.stderr.on('data', keep);
    });
  }

  /** Ends it and takes its folder away. */
  async stop(): Promise<void> {
    const simulator = this.#process;
    this.#process = undefined;
    await end(simulator);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Starts an snmpsim; `stop` it when done. It does not outlive this process. */
export async function startSnmpsim(options: SnmpsimOptions): Promise<Snmpsim> {
  const folder = await mkdtemp(join(tmpdir(), 'snmpsim-'));
  return await started(new Snmpsim(options.port ?? (await freePort()), folder, options));
}

function userArguments({ name, auth, priv }: SnmpsimUser): string[] {
  return [
    `--v3-user=${name}`,
    `--v3-auth-proto=${auth.protocol}`,
    `--v3-auth-key=${auth.password}`,
    `--v3-priv-proto=${priv.protocol}`,
    `--v3-priv-key=${priv.password}`,
  ];
}

/** The lines of a `.snmprec` file, in the order of the OIDs. */
function lines(objects: readonly RecordedObject[]): string {
  const sorted = objects
    .map((object) => ({ ...object, parts: object.oid.split('.').map(Number) }))
    .sort((a, b) => {
      const length = Math.max(a.parts.length, b.parts.length);
      for (let index = 0; index < length; index += 1) {
        const difference = (a.parts[index] ?? -1) - (b.parts[index] ?? -1);
        if (difference !== 0) return difference;
      }
      return 0;
    });
  return sorted.map(({ oid, type, value }) => `${oid}|${TAGS[type] ?? type}|${text(value)}\n`).join('');
}

function text(value: RecordedObject['value']): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value ?? '');
}
