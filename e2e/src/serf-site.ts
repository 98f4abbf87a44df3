import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  end,
  startMosquitto,
  startNamespace,
  startSerfAgent,
  tied,
  type Mosquitto,
  type Namespace,
  type SerfAgent,
} from '@guaita/lab';
import { Listener, type Heard } from './listener.ts';

/** A site of one host on this machine's loopback. */
export interface SerfSiteOptions {
  readonly monitor: string;
  /** Where its Serf agent gossips. */
  readonly host: string;
  /** AntidoteDB's, of its own site. */
  readonly antidote: string;
  /** Its inventory, in its folder. */
  readonly devices: string;
  /** In which all that it keeps stands, in a folder of its own. */
  readonly folder: string;
}

/** What decides, what probes, and what hears of Serf: each a program of its own, as in the stack. */
const SERVICES = ['assign', 'ping', 'serf-publisher'] as const;
export type SerfSiteService = (typeof SERVICES)[number];

/**
 * A monitor, its own Mosquitto and its host's Serf agent; nothing joins them to others but AntidoteDB and what agents
 * gossip. It pings in a network of its own, 10.200.0.0/16, where everybody answers.
 */
export class SerfSite {
  readonly agent: SerfAgent;
  readonly listener: Listener;
  readonly #options: SerfSiteOptions;
  readonly #broker: Mosquitto;
  readonly #network: Namespace;
  readonly #running = new Map<SerfSiteService, ChildProcess>();
  readonly #logs: string[] = [];

  private constructor(options: SerfSiteOptions, parts: { broker: Mosquitto; network: Namespace; agent: SerfAgent }) {
    this.#options = options;
    this.#broker = parts.broker;
    this.#network = parts.network;
    this.agent = parts.agent;
    this.listener = new Listener(
      { spawn: (command, args, how = {}) => tied(spawn(command, args, how)) },
      parts.broker.port,
      'guaita/#',
    );
  }

  /** Starts all but the services. */
  static async begin(options: SerfSiteOptions): Promise<SerfSite> {
    const { monitor, host } = options;
    const [broker, network, agent] = await Promise.all([
      startMosquitto(),
      startNamespace({ networks: ['10.200.0.0/16'] }),
      startSerfAgent({ name: monitor, host, profile: 'lan' }),
    ]);
    return new SerfSite(options, { broker, network, agent });
  }

  async start(...services: readonly SerfSiteService[]): Promise<void> {
    const { monitor, antidote, devices, folder: all } = this.#options;
    const folder = join(all, monitor);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'devices.yaml'), devices);
    const config = {
      site: `site-of-${monitor}`,
      assign: { antidote: { addresses: [antidote] }, policy: { monitors_per_device: 1 } },
      ping: {
        ...{ engine: 'fping', gateway_anchor: false, anchors: ['10.200.0.250'] },
        allowed_networks: ['10.200.0.0/16'],
      },
      'serf-publisher': { address: this.#options.host, serf: { agent: this.agent.rpc, host: monitor } },
    };
    await writeFile(join(folder, 'guaita.yaml'), JSON.stringify(config));
    const path = [await this.#network.shims('fping'), process.env['PATH']].join(':');
    for (const service of services) {
      const main = fileURLToPath(new URL(`../../apps/${service}/src/main.ts`, import.meta.url));
      const flags = ['--broker', this.#broker.url, '--monitor', monitor, '--data', folder, '--http-port', '0'];
      const env = { ...process.env, PATH: path };
      const child = tied(
        spawn(process.execPath, [main, ...flags], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] }),
      );
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text: Buffer) => this.#logs.push(`${service}: ${text.toString()}`));
      this.#running.set(service, child);
    }
  }

  /** Kills services of the monitor: no goodbye. */
  async kill(...services: readonly SerfSiteService[]): Promise<void> {
    await Promise.all(services.map((service) => end(this.#running.get(service))));
  }

  /** Ends its host: the monitor, its broker and its agent, all at once. */
  async die(): Promise<void> {
    await Promise.all([this.kill(...SERVICES), this.agent.kill(), this.#broker.stop()]);
  }

  async stop(): Promise<void> {
    await this.listener.stop();
    await this.kill(...SERVICES);
    await Promise.all([this.agent.stop(), this.#broker.stop(), this.#network.stop()]);
  }

  /** What its broker keeps of a monitor. */
  view(monitor: string): Readonly<Record<string, unknown>> | undefined {
    return this.listener.newest.get(`guaita/cluster/${monitor}`);
  }

  /** The devices that it claims. */
  assigned(): string[] {
    const { monitor } = this.#options;
    const prefix = `guaita/host/${monitor}/assigned/`;
    return [...this.listener.newest.keys()].flatMap((topic) =>
      topic.startsWith(prefix) ? [topic.slice(prefix.length)] : [],
    );
  }

  /** Calls back with each device that it has probed, until the function that it gives is called. */
  probes(probed: (device: string) => void): () => void {
    const prefix = `guaita/monitor/${this.#options.monitor}/ping/`;
    return this.listener.watch(({ topic, value }: Heard) => {
      if (value !== undefined && topic.startsWith(prefix)) probed(topic.slice(prefix.length));
    });
  }

  /** What its services said of themselves. */
  get log(): string {
    return this.#logs.join('');
  }
}
