import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels, type DeviceSpec, type MonitorView } from '@guaita/messages';
import type { Alert, Verdict } from '@guaita/model';
import { Health, ManualClock, type Clock, type MonitorContext, type Timer } from '@guaita/service';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { alertConfig } from './config.ts';
import { AlertService } from './service.ts';

/** What assign says of a device and its claimants, in few words. */
export type Sees = Readonly<Record<string, 'answering' | 'down' | 'unprobed'>>;

/** The clock of a host that may stand still for a while. */
class HostClock implements Clock {
  stands = false;
  readonly #clock: Clock;
  readonly #late = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now_ms(): number {
    return this.#clock.now_ms();
  }

  monotonic_ms(): number {
    return this.#clock.monotonic_ms();
  }

  after(delay_ms: number, callback: () => void): Timer {
    const fire = (): void => callback();
    const timer = this.#clock.after(delay_ms, () => {
      if (this.stands) this.#late.add(fire);
      else fire();
    });
    return {
      cancel: () => {
        timer.cancel();
        this.#late.delete(fire);
      },
    };
  }

  goOn(): void {
    this.stands = false;
    for (const fire of this.#late) {
      this.#late.delete(fire);
      fire();
    }
  }
}

/** A broker in memory with what assign says there, and all that its audience hears. */
export class Audience {
  readonly broker = new MemoryBroker();
  readonly clock = new ManualClock();
  /** Alerts and their ends, as they came. */
  readonly alerts: Alert[] = [];
  /** Called at each of them. */
  onAlert: () => void = () => undefined;
  /** States as they came: `router up`. */
  readonly states: string[] = [];
  readonly #releases: (() => Promise<void>)[] = [];
  #assign: Wire | undefined;
  #folder = '';

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'alert-'));
    this.#releases.push(() => rm(this.#folder, { recursive: true }));
    this.#assign = await this.#connect('assign');
    const listener = await this.#connect('listener');
    await listener.hear(channels.alert, {}, ({ value }) => {
      if (value === undefined) return;
      this.alerts.push(value);
      this.onAlert();
    });
    await listener.hear(channels.state, {}, ({ parameters: { device }, value }) => {
      this.states.push(`${device} ${value?.state ?? 'gone'}`);
    });
  }

  async stop(): Promise<void> {
    for (const release of this.#releases.splice(0).reverse()) await release();
  }

  /** What assign knows of a monitor. */
  monitor(monitor: string, change: Partial<MonitorView> = {}): void {
    const at = new Date(this.clock.now_ms()).toISOString();
    const view: MonitorView = {
      ...{ site: 'home', alive: true, isolated: false, probing: true, devices: 1, at, complete: true },
      ...change,
    };
    this.#assign?.say(channels.cluster, { monitor }, view);
  }

  /** What assign says of a device; `undefined`: it is gone from the inventory. */
  device(device: string, sees: Sees | undefined, episode = 1): void {
    if (sees === undefined) {
      this.#assign?.clear(channels.spec, { device });
      return;
    }
    const down_since = new Date(this.clock.now_ms()).toISOString();
    const spec: DeviceSpec = {
      ...{ device, name: device, addresses: ['192.0.2.1'], tags: [], parents: [] },
      ...{
        checks: {
          ping: { interval_s: 60, count: 3, timeout_ms: 1000, size_bytes: 56, dont_fragment: false, family: 'any' },
        },
      },
      ...{ source: 'devices.yaml', monitors: Object.keys(sees), planned: Object.keys(sees), leaving: [] },
      claims: Object.entries(sees).map(([monitor, seen]) => ({
        ...{ monitor, state: 'held' as const, sees: seen, episode },
        ...(seen === 'down' ? { down_since } : {}),
      })),
    };
    this.#assign?.say(channels.spec, { device }, spec);
  }

  /** What a monitor sees of the interface eth0 of a device in a poll. */
  polled(monitor: string, device: string, oper: 'up' | 'down'): void {
    const at = new Date(this.clock.now_ms()).toISOString();
    const unknown = { in_bps: null, out_bps: null, in_octets: null, out_octets: null, speed_bps: null };
    const errors = { in_errors_per_s: null, out_errors_per_s: null, in_discards_per_s: null, out_discards_per_s: null };
    const multicast = { in_multicast_per_s: null, out_multicast_per_s: null };
    const eth0 = { index: 1, alias: null, type: 6, admin: 'up' as const, oper, ...unknown, ...errors, ...multicast };
    const system = { address: '192.0.2.1', state: 'up' as const, uptime_s: null, name: null, description: null };
    this.#assign?.say(channels.snmp, { monitor, device }, { at, ...system, interfaces: { eth0 } }, 60);
  }

  /** What assign says of a silence of some devices; `undefined`: it is over. */
  silence(silence: string, devices: readonly string[] | undefined, seconds = 3600): void {
    if (devices === undefined) {
      this.#assign?.clear(channels.silence, { silence });
      return;
    }
    const until = new Date(this.clock.now_ms() + seconds * 1000).toISOString();
    const rest = { monitors: [], tags: [], sites: [], kinds: [], severities: [], by: 'ada', why: 'a new roof', until };
    this.#assign?.say(channels.silence, { silence }, { devices: [...devices], ...rest });
  }

  /** What assign says of an alert that somebody has taken on, or given back. */
  acknowledge(alert: string, isAcknowledged = true): void {
    const at = new Date(this.clock.now_ms()).toISOString();
    if (isAcknowledged) this.#assign?.say(channels.acknowledgement, { alert }, { by: 'ada', why: 'on my way', at });
    else this.#assign?.clear(channels.acknowledgement, { alert });
  }

  /** What the broker keeps as open on a device. */
  openOn(device: string): Alert | undefined {
    const kept = this.open.map((id) => JSON.parse(this.broker.retained.get(`guaita/alert-open/${id}`) ?? '') as Alert);
    return kept.find(({ subject }) => subject === device);
  }

  /** What a monitor measured: three requests of which so many were answered. */
  measured(monitor: string, device: string, received: number): void {
    const at = new Date(this.clock.now_ms()).toISOString();
    const rtts = { rtt_min_ms: null, rtt_avg_ms: null, rtt_max_ms: null, jitter_ms: null };
    const loss_percent = (100 * (3 - received)) / 3;
    const state = received === 0 ? 'down' : 'up';
    const observation = { at, address: '192.0.2.1', sent: 3, received, loss_percent, ...rtts, state } as const;
    this.#assign?.say(channels.ping, { monitor, device }, observation, 60);
  }

  /** What the broker keeps of a device. */
  state(device: string): Verdict | undefined {
    const kept = this.broker.retained.get(`guaita/device/${device}/state`);
    return kept === undefined ? undefined : (JSON.parse(kept) as Verdict);
  }

  /** The ids of the alerts that the broker keeps as open. */
  get open(): string[] {
    const level = 'guaita/alert-open/';
    return [...this.broker.retained.keys()]
      .filter((topic) => topic.startsWith(level))
      .map((topic) => topic.slice(level.length));
  }

  /** Lets so much time pass. What is written on disk before it is said may come later: wait for it by `until`. */
  async pass(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1000);
  }

  /**
   * Waits until this is so, however slow the machine; so much time passes meanwhile with each look.
   *
   * @param check throws while it is not.
   */
  async until(check: () => void, step_s = 0): Promise<void> {
    await eventually(
      async () => {
        await this.pass(step_s);
        check();
      },
      { interval: 5 },
    );
  }

  /** An alert service of a monitor that has its turn, or has not. */
  async service(monitor: string, speaks = true, config: Readonly<Record<string, unknown>> = {}) {
    const wire = await this.#connect(`${monitor}-alert`);
    const dataDir = join(this.#folder, monitor);
    await mkdir(dataDir, { recursive: true });
    const listeners = new Set<(speaks: boolean) => void>();
    const turn = { speaks };
    const clock = new HostClock(this.clock);
    const health = new Health();
    const metrics = new Registry();
    const context = {
      ...{ monitor, site: 'home', tags: [], dataDir, wire, clock, random: () => 0.5, metrics, health },
      log: pino({ level: 'silent' }),
      turn: {
        get speaks() {
          return turn.speaks;
        },
        onChange(listener: (speaks: boolean) => void) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      connect: () => new MemoryBus(this.broker),
    } as unknown as MonitorContext;
    const service = new AlertService(context, alertConfig.parse(config));
    await service.start(new AbortController().signal);
    let running = true;
    const stop = async (): Promise<void> => {
      if (!running) return;
      running = false;
      await service.stop();
      await wire.bus.stop();
    };
    this.#releases.push(stop);
    /** As if its process had been killed: it says nothing more, no goodbye either. */
    const kill = async (): Promise<void> => {
      const { bus } = wire;
      if (bus instanceof MemoryBus) bus.kill();
      await bus.stop(0);
      await stop();
    };
    /** It is its turn, or no longer. */
    const pass = (itIs: boolean): void => {
      turn.speaks = itIs;
      for (const listener of listeners) listener(itIs);
    };
    /** It stands still: no timer of its fires, and it does not know that its turn is over. */
    const freeze = (): void => {
      turn.speaks = false;
      clock.stands = true;
    };
    /** It goes on: all that was due meanwhile is done, then it finds that its turn is over. */
    const thaw = (): void => {
      clock.goOn();
      pass(false);
    };
    const count = async (name: string): Promise<number> => {
      const { values } = (await metrics.getSingleMetric(name)?.get()) ?? { values: [] };
      return values.reduce((sum, { value }) => sum + value, 0);
    };
    return { service, stop, kill, pass, freeze, thaw, health, count, dataDir };
  }

  async #connect(clientId: string): Promise<Wire> {
    const bus = new MemoryBus(this.broker, { clientId });
    await bus.start();
    this.#releases.push(() => bus.stop());
    return new Wire(bus, (error) => {
      throw error;
    });
  }
}
