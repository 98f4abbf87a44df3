import { MemoryBroker, MemoryBus } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { ManualClock, parseConfig, startServices, type BusFactory, type RunningServices } from '@guaita/service';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect } from 'vitest';
import { serfPublisher } from './index.ts';

/** What a host has announced: a port by its key. */
export type Announced = Readonly<Record<string, number>>;

interface Host {
  readonly services: RunningServices;
  readonly buses: readonly MemoryBus[];
}

/** Publishers of several hosts on one broker in memory. */
export class SharedBroker {
  readonly clock = new ManualClock();
  readonly broker = new MemoryBroker({ monotonic_ms: () => this.clock.monotonic_ms() });
  readonly #hosts = new Map<string, Host>();
  readonly #listener = new MemoryBus(this.broker);
  /** Each that was taken away, by its key. */
  readonly gone: string[] = [];
  /** All that was written at level warn and above. */
  log = '';
  #folder = '';

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'shared-broker-'));
    await this.#listener.start();
    await this.#listener.subscribe('guaita/service/+/+', ({ topic, payload }) => {
      if (payload.length === 0) this.gone.push(topic.split('/').slice(2).join('/'));
    });
  }

  async stop(): Promise<void> {
    for (const monitor of this.hosts) await this.end(monitor);
    await this.#listener.stop();
    await rm(this.#folder, { recursive: true });
  }

  /** Those that run. */
  get hosts(): readonly string[] {
    return [...this.#hosts.keys()].sort();
  }

  /**
   * Starts a host's publisher, which speaks of a page of its own too where `page` is given.
   *
   * @param announced in place of what was announced to it before.
   */
  async host(monitor: string, announced?: Announced): Promise<void> {
    const folder = join(this.#folder, monitor, 'serf-publisher');
    if (announced !== undefined) {
      const services = Object.entries(announced).map(([key, port]) => {
        const [type, name] = key.split('/');
        return { type, name, port };
      });
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'announcements.json'), JSON.stringify({ services }));
    }
    const buses: MemoryBus[] = [];
    const makeBus: BusFactory = ({ clientId, will }) => {
      const bus = new MemoryBus(this.broker, {
        ...{ clientId, monotonic_ms: () => this.clock.monotonic_ms() },
        ...(will === undefined ? {} : { will }),
      });
      buses.push(bus);
      return bus;
    };
    const common = { monitor, data: join(this.#folder, monitor), http: { port: 0 } };
    const text = JSON.stringify({ ...common, 'serf-publisher': { address: '192.0.2.1' } });
    const result = parseConfig({
      ...{ definitions: [serfPublisher], file: { name: 'guaita.yaml', text }, env: {}, flags: [] },
      ...{ hostName: monitor, readFile: () => '' },
    });
    if ('problems' in result) throw new Error(JSON.stringify(result.problems));
    const write = (line: string): void => void (this.log += line);
    const log = pino({ level: 'warn', base: { monitor } }, { write });
    const services = await startServices([serfPublisher], result.config, { log, makeBus, clock: this.clock });
    this.#hosts.set(monitor, { services, buses });
  }

  /** As if its power had been cut: the broker sends its wills. */
  async cut(monitor: string): Promise<void> {
    for (const bus of this.#hosts.get(monitor)?.buses ?? []) bus.kill();
    await this.end(monitor);
  }

  /** Ends it with a goodbye. */
  async end(monitor: string): Promise<void> {
    const host = this.#hosts.get(monitor);
    this.#hosts.delete(monitor);
    await host?.services.stop();
  }

  /** Lets time pass, and all that is due happen, files included. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await this.clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** What the audience is told: `key port node`, sorted. */
  get told(): readonly string[] {
    return [...this.broker.retained]
      .flatMap(([topic, payload]) => {
        if (channels.foundService.parse('guaita', topic) === undefined) return [];
        const { type, name, port, node } = channels.foundService.decode(topic, new TextEncoder().encode(payload));
        return [`${type}/${name} ${port} ${node}`];
      })
      .sort();
  }

  /** Waits until the audience is told exactly this. Time passes slowly meanwhile. */
  async until(...expected: readonly string[]): Promise<void> {
    await eventually(async () => {
      await this.clock.advance(20);
      expect(this.told).toEqual([...expected].sort());
    });
  }
}
