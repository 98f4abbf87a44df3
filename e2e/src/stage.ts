import { startNamespace, type Namespace, type Ran } from '@guaita/lab';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuaitaProcess, MAIN } from './guaita-process.ts';
import { Listener } from './listener.ts';

/** The inventory of a monitor that others tell of all devices. */
export const NO_DEVICES = 'none.yaml';

/** An inventory of devices by id. */
export function inventory(
  addresses: Readonly<Record<string, string>>,
  ping: { readonly interval_s: number } = { interval_s: 5 },
): string {
  const defaults = `defaults: { ping: { interval_s: ${ping.interval_s}, count: 1 } }`;
  const devices = Object.entries(addresses).map(([name, address]) => `  - { name: ${name}, address: ${address} }`);
  return [defaults, 'devices:', ...devices, ''].join('\n');
}

/**
 * Where monitors run as people start them: a network of its own, 10.200.0.0/16, in which everybody answers until silenced,
 * and a folder with their files. All that is started on it ends with it.
 */
export class Stage {
  readonly namespace: Namespace;
  readonly folder: string;
  /** By their names, also those that were killed. */
  readonly monitors = new Map<string, GuaitaProcess>();
  /** Strangers, by the names of those at whose broker they listen. */
  readonly listeners = new Map<string, Listener>();
  readonly #ends: (() => Promise<unknown>)[] = [];

  private constructor(namespace: Namespace, folder: string) {
    this.namespace = namespace;
    this.folder = folder;
  }

  /** @param files by name, beside `NO_DEVICES`. */
  static async begin(files: Readonly<Record<string, string>>): Promise<Stage> {
    const namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
    const stage = new Stage(namespace, await mkdtemp(join(tmpdir(), 'guaita-stage-')));
    for (const [name, text] of Object.entries({ [NO_DEVICES]: 'devices: []\n', ...files })) {
      await writeFile(join(stage.folder, name), text);
    }
    return stage;
  }

  async end(): Promise<void> {
    for (const listener of this.listeners.values()) await listener.stop();
    for (const monitor of this.monitors.values()) await monitor.stop('SIGKILL');
    for (const end of this.#ends.toReversed()) await end();
    await rm(this.folder, { recursive: true });
    await this.namespace.stop();
  }

  /** What ends with it, before the network does. */
  onEnd(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  /** Starts a Mosquitto at all addresses. Monitors wait until it listens. */
  async mosquitto(port: number): Promise<void> {
    const file = join(this.folder, `mosquitto-${port}.conf`);
    await writeFile(file, `listener ${port} 0.0.0.0\nallow_anonymous true\n`);
    const mosquitto = this.namespace.spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
    this.onEnd(async () => {
      const closed = once(mosquitto, 'close');
      mosquitto.kill('SIGKILL');
      await closed;
    });
  }

  /**
   * Starts a monitor, or starts it again with what it has kept.
   *
   * @param flags of `guaita up`, beside its name, its folder and that its page is at any port.
   * @param path a folder whose programs are taken before those of this machine.
   */
  up(monitor: string, flags: Readonly<Record<string, string>>, path?: string): GuaitaProcess {
    const all = { monitor, 'http-port': '0', data: join(this.folder, monitor), ...flags };
    const guaita = GuaitaProcess.up(this.namespace, all, this.folder, path);
    this.monitors.set(monitor, guaita);
    return guaita;
  }

  /** A stranger begins to listen to all that is said at a monitor's broker, as soon as that runs. */
  listen(monitor: string, port: number): Listener {
    const listener = new Listener(this.namespace, port, 'guaita/#');
    this.listeners.set(monitor, listener);
    return listener;
  }

  /** Ends a monitor, and who listens at its broker. @returns its exit code. */
  async halt(monitor: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null | undefined> {
    await this.listeners.get(monitor)?.stop();
    this.listeners.delete(monitor);
    return this.monitors.get(monitor)?.stop(signal);
  }

  /** Another command line on this host, at the broker of this port. */
  guaita(port: number, ...args: readonly string[]): Promise<Ran> {
    return this.namespace.run(process.execPath, [MAIN, ...args, '--broker', `mqtt://127.0.0.1:${port}`]);
  }

  /** Runs a program on this host. @throws when it fails. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.namespace.run(program, args);
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr}`);
    return stdout;
  }
}
