import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end } from './child.ts';
import { started } from './started.ts';

export interface NamespaceOptions {
  /** IPv4 or IPv6 networks whose every address answers to pings and to servers bound to any address: `10.200.0.0/16`. */
  readonly networks: readonly string[];
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/**
 * What swallows packets without a word: one end of a cable whose other end belongs to nobody. A route to it, more
 * specific than the one that makes a network local, makes an address silent. (A `blackhole` or `unreachable` route
 * would not: there the sender gets an error at once.)
 */
const VOID = 'void0';

/**
 * A network namespace with thousands of hosts in it: all addresses of its networks are the kernel's own, which so
 * answers for each. Nothing in it can be reached from outside, and it reaches nothing outside.
 */
export class Namespace {
  readonly #networks: readonly string[];
  readonly #processes = new Set<ChildProcess>();
  readonly #folders: string[] = [];
  #holder: ChildProcess | undefined;
  #pid = 0;

  constructor({ networks }: NamespaceOptions) {
    this.#networks = networks;
  }

  /** The process that holds it: `netns PID` in commands of `ip`. */
  get pid(): number {
    return this.#pid;
  }

  /** Put before a command line, this runs it inside; it ends when this process does. */
  get entry(): readonly string[] {
    const namespaces = isRoot()
      ? [`--net=/proc/${this.#pid}/ns/net`]
      : [`--user=/proc/${this.#pid}/ns/user`, '--preserve-credentials', `--net=/proc/${this.#pid}/ns/net`];
    return ['nsenter', ...namespaces, '--', 'setpriv', '--pdeathsig', 'KILL', '--'];
  }

  async start(): Promise<void> {
    // It lives until its input ends, which is at the latest when this process does; and the namespace with it.
    const user = isRoot() ? [] : ['--user', '--map-root-user'];
    const holder = spawn('unshare', [...user, '--net', '--', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#holder = holder;
    const failed = once(holder, 'exit').then(() => {
      throw new Error('unshare made no network namespace; run as root, or allow user namespaces');
    });
    holder.stdin.write('ready\n');
    await Promise.race([once(holder.stdout, 'data'), failed]);
    failed.catch(() => undefined);
    this.#pid = holder.pid!;
    await this.ip([
      'link set lo up',
      `link add ${VOID} type veth peer name void1`,
      `link set ${VOID} arp off`,
      'link set void1 arp off',
      `link set ${VOID} up`,
      'link set void1 up',
      // Something to send from: documentation addresses (RFC 5737, RFC 3849).
      'addr add 192.0.2.1/32 dev lo',
      '-6 addr add 2001:db8::1/128 dev lo nodad',
      ...this.#networks.map((network) => `${family(network)} route add local ${network} dev lo`),
    ]);
  }

  /** Makes addresses swallow what is sent to them. */
  async silence(...addresses: readonly string[]): Promise<void> {
    await this.ip(
      addresses.map((address) => `${family(address)} route replace ${host(address)} dev ${VOID} table local`),
    );
  }

  /** Lets silent addresses answer again. */
  async wake(...addresses: readonly string[]): Promise<void> {
    await this.ip(addresses.map((address) => `${family(address)} route del ${host(address)} dev ${VOID} table local`));
  }

  /** All networks fall silent; loopback stays. */
  async pullCable(): Promise<void> {
    await this.ip(
      this.#networks.flatMap((network) => [
        `${family(network)} route del local ${network} dev lo table local`,
        `${family(network)} route add ${network} dev ${VOID} table local`,
      ]),
    );
  }

  /** All networks are back. */
  async plugCable(): Promise<void> {
    await this.ip(
      this.#networks.flatMap((network) => [
        `${family(network)} route del ${network} dev ${VOID} table local`,
        `${family(network)} route add local ${network} dev lo table local`,
      ]),
    );
  }

  /** Starts a program inside. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const [first, ...rest] = [...this.entry, command, ...args];
    const child = spawn(first!, rest, options);
    this.#processes.add(child);
    child.once('exit', () => this.#processes.delete(child));
    return child;
  }

  /** Runs a program inside to its end. */
  async run(command: string, args: readonly string[] = [], input = ''): Promise<Ran> {
    const child = this.spawn(command, args, { stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A program that does not read its input may be gone before it is written.
    child.stdin!.on('error', () => undefined);
    child.stdin!.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    return { stdout, stderr, code };
  }

  /**
   * A folder of programs that have the names given and run inside. Put before `PATH`, it sends there what a program
   * outside starts.
   */
  async shims(...programs: readonly string[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'namespace-'));
    this.#folders.push(folder);
    const path = process.env['PATH'] ?? '';
    for (const program of programs) {
      const file = join(folder, program);
      await writeFile(file, `#!/bin/sh\nPATH='${path}'\nexec ${this.entry.join(' ')} ${program} "$@"\n`);
      await chmod(file, 0o755);
    }
    return folder;
  }

  /** Ends all that runs inside, and the namespace. */
  async stop(): Promise<void> {
    const holder = this.#holder;
    this.#holder = undefined;
    await Promise.all([...this.#processes, holder].map((child) => end(child)));
    await Promise.all(this.#folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
  }

  /** Runs commands of `ip` inside, in one process; those of IPv6 begin with `-6`. */
  async ip(commands: readonly string[]): Promise<void> {
    for (const version of ['-4', '-6']) {
      const batch = commands.filter((command) => command.startsWith('-6 ') === (version === '-6'));
      if (batch.length === 0) continue;
      const lines = batch.map((command) => command.replace(/^-[46] /, '')).join('\n');
      const { code, stderr } = await this.run('ip', [version, '-batch', '-'], `${lines}\n`);
      if (code !== 0) throw new Error(`ip failed in the namespace: ${stderr}`);
    }
  }
}

/** Makes a namespace; `stop` it when done. It does not outlive this process. */
export async function startNamespace(options: NamespaceOptions): Promise<Namespace> {
  return await started(new Namespace(options));
}

/** Makes a namespace for as long as a function runs. */
export async function withNamespace<Result>(
  options: NamespaceOptions,
  use: (namespace: Namespace) => Promise<Result>,
): Promise<Result> {
  const namespace = await startNamespace(options);
  try {
    return await use(namespace);
  } finally {
    await namespace.stop();
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function family(address: string): '-4' | '-6' {
  return address.includes(':') ? '-6' : '-4';
}

function host(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}
