import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBridgedMosquittos, started, startMosquitto, type Mosquitto } from '@guaita/lab';
import type { Id } from '@guaita/model';
import { MonitorProcess } from './monitor-process.ts';
import { Observer } from './observer.ts';

export interface SiteOptions {
  readonly monitors: readonly Id[];
  /** How many devices there are: the kernel answers for each address of 127.0.0.0/8. */
  readonly devices: number;
  readonly interval_s: number;
  readonly monitorsPerDevice: number;
  /** Whether each broker pushes its own monitor's subtree to the others. */
  readonly bridged: boolean;
  /** The AntidoteDB servers of each monitor, `host:port`; none unless given. */
  readonly antidote?: ReadonlyMap<Id, readonly string[]>;
}

interface Host {
  readonly broker: Mosquitto;
  readonly monitor: MonitorProcess;
}

/** How long a monitor may take to be there, on a machine that does other things too. */
const START_PATIENCE_ms = 60_000;

/** A monitor says goodbye and ends well within the 10 s after which it would give up. */
const EXIT_OK = 0;

/**
 * Monitors as users run them, each with a real Mosquitto and a folder of its own, real fping, and an observer outside.
 * Only the first has an inventory file: the others have to learn of the devices. Nothing but 127.0.0.0/8 is pinged.
 */
export class Site {
  readonly devices: readonly Id[];
  readonly observer: Observer;
  readonly #folder: string;
  readonly #options: SiteOptions;
  readonly #hosts: ReadonlyMap<Id, Host>;
  readonly #up = new Set<Id>();

  constructor(options: SiteOptions, folder: string, brokers: ReadonlyMap<Id, Mosquitto>) {
    this.#options = options;
    this.#folder = folder;
    this.devices = Array.from({ length: options.devices }, (_, index) => `device-${index}`);
    this.observer = new Observer(new Map([...brokers].map(([monitor, { url }]) => [monitor, url])), this.devices);
    this.#hosts = new Map(
      [...brokers].map(([monitor, broker]) => {
        const args = argumentsOf(monitor, broker.url, options);
        return [monitor, { broker, monitor: new MonitorProcess(args, join(folder, monitor)) }];
      }),
    );
  }

  /** The monitors that were started and not ended. */
  get up(): readonly Id[] {
    return [...this.#up];
  }

  /** @throws {Error} with the monitors' logs, when they do not settle. */
  async start(): Promise<void> {
    const [first] = this.#options.monitors;
    for (const monitor of this.#options.monitors) {
      const folder = join(this.#folder, monitor);
      await mkdir(folder);
      await writeFile(join(folder, 'guaita.yaml'), configuration());
      await writeFile(join(folder, 'devices.yaml'), inventory(monitor === first ? this.devices : [], this.#options));
    }
    await this.observer.start();
    for (const [monitor, host] of this.#hosts) {
      host.monitor.start();
      this.#up.add(monitor);
    }
    await this.settled(START_PATIENCE_ms);
  }

  /** Each device is held and probed by as many of the monitors that are up as it should be, and by no other. */
  async settled(timeout_ms: number): Promise<void> {
    try {
      await this.observer.settled(this.up, this.#options.monitorsPerDevice, timeout_ms);
    } catch (error) {
      const logs = [...this.#hosts].map(([monitor, host]) => `--- ${monitor}:\n${host.monitor.log.slice(-4000)}`);
      throw new Error(`${(error as Error).message}\n${logs.join('\n')}`, { cause: error });
    }
  }

  /** `kill -9` of all that a host runs: broker and services at the same moment. */
  async kill(monitor: Id): Promise<void> {
    const host = this.#host(monitor);
    this.#up.delete(monitor);
    this.observer.monitor(monitor).end();
    await Promise.all([host.monitor.end('SIGKILL'), host.broker.kill()]);
  }

  /** Ends a host's services, then its broker, in good order, as a reboot does. */
  async shutDown(monitor: Id): Promise<void> {
    const host = this.#host(monitor);
    this.#up.delete(monitor);
    this.observer.monitor(monitor).end();
    const code = await host.monitor.end('SIGTERM');
    if (code !== EXIT_OK) throw new Error(`${monitor} ended with exit code ${code}; its log:\n${host.monitor.log}`);
    await host.broker.halt();
  }

  /** Starts a host that was killed or shut down: it has kept what it had on disk. */
  async bringBack(monitor: Id): Promise<void> {
    const host = this.#host(monitor);
    await host.broker.start();
    host.monitor.start();
    this.#up.add(monitor);
  }

  async stop(): Promise<void> {
    await this.observer.stop();
    for (const { broker, monitor } of this.#hosts.values()) {
      await monitor.end('SIGKILL');
      await broker.stop();
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #host(monitor: Id): Host {
    const host = this.#hosts.get(monitor);
    if (host === undefined) throw new Error(`there is no monitor ${monitor}`);
    return host;
  }
}

/** Starts brokers, monitors and observer; resolves when all devices are watched as they should be. `stop` it when done. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  return await started(new Site(options, folder, await brokersOf(options)));
}

async function brokersOf({ monitors, bridged }: SiteOptions): Promise<Map<Id, Mosquitto>> {
  if (bridged) return startBridgedMosquittos(monitors);
  const brokers = new Map<Id, Mosquitto>();
  for (const monitor of monitors) brokers.set(monitor, await startMosquitto({ persistence: true }));
  return brokers;
}

function argumentsOf(monitor: Id, broker: string, { antidote, monitorsPerDevice }: SiteOptions): string[] {
  const addresses = antidote?.get(monitor) ?? [];
  return [
    ...['--config', 'guaita.yaml', '--devices', 'devices.yaml', '--data', 'data', '--http-port', '0'],
    ...['--monitor', monitor, '--broker', broker, '--monitors-per-device', String(monitorsPerDevice), '--json'],
    ...(addresses.length === 0 ? [] : ['--antidote', addresses.join(',')]),
  ];
}

/** Nothing of the network outside is pinged, not even its gateway. */
function configuration(): string {
  return ['log: { format: json }', 'ping: { gateway_anchor: false, allowed_networks: [127.0.0.0/8] }', ''].join('\n');
}

function inventory(devices: readonly Id[], { interval_s }: SiteOptions): string {
  if (devices.length === 0) return 'devices: []\n';
  return [
    `defaults: { ping: { interval_s: ${interval_s}, count: 1 } }`,
    'devices:',
    // Each address of 127.0.0.0/8 is this machine.
    ...devices.map((device, index) => `  - { name: ${device}, address: 127.2.${index >> 8}.${index & 255} }`),
    '',
  ].join('\n');
}
