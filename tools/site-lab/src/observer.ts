import { setTimeout as pause } from 'node:timers/promises';
import { MqttBus, Wire } from '@guaita/bus';
import { bucketOf, channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { ClaimsSeen, type Change } from './claims-seen.ts';
import { MonitorSeen } from './monitor-seen.ts';

/** How often the observer looks at all that it knows. */
const LOOK_ms = 500;

/** What stays as it is for so long stays: claims move within a few beats of what makes them move. */
const STEADY_ms = 2_000;

/** What one look found. */
export interface Look {
  readonly at_ms: number;
  /** Devices that no live monitor claims. */
  readonly unclaimed: readonly Id[];
}

/** A change of a live monitor's claim, and when it was heard of. */
export interface SeenChange extends Change {
  readonly monitor: Id;
  readonly heard_ms: number;
}

/**
 * Stands outside, subscribed at every broker, and looks twice a second: which live monitors claim each device, and when
 * they last probed it. What a monitor does is told by its own broker; what others know of it, by theirs.
 */
export class Observer {
  readonly #brokers: ReadonlyMap<Id, string>;
  readonly #devices: readonly Id[];
  readonly #monitors = new Map<Id, MonitorSeen>();
  /** What each broker has of each other monitor's claims, by `broker monitor`. */
  readonly #copies = new Map<string, ClaimsSeen>();
  readonly #buses: MqttBus[] = [];
  readonly looks: Look[] = [];
  readonly changes: SeenChange[] = [];
  /** Messages that were none of the wire contract. */
  readonly invalid: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param brokers the URL of each monitor's own broker.
   * @param devices all that is to be watched.
   */
  constructor(brokers: ReadonlyMap<Id, string>, devices: readonly Id[]) {
    this.#brokers = brokers;
    this.#devices = devices;
    for (const monitor of brokers.keys()) this.#monitors.set(monitor, new MonitorSeen());
  }

  async start(): Promise<void> {
    for (const [broker, url] of this.#brokers) {
      const bus = new MqttBus({
        url,
        clientId: 'observer',
        // A broker that is killed is no news here; one that is back is heard at once.
        log: () => undefined,
        retry: { first_ms: 50, most_ms: 200 },
      });
      this.#buses.push(bus);
      await this.#listen(new Wire(bus, (error) => this.invalid.push(error.message)), broker);
      await bus.start();
    }
    this.#timer = setInterval(() => this.#look(), LOOK_ms);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#buses.splice(0).map((bus) => bus.stop(0)));
  }

  /** The monitors that run, as far as they say. */
  get live(): Id[] {
    return [...this.#monitors].filter(([, { live }]) => live).map(([monitor]) => monitor);
  }

  monitor(monitor: Id): MonitorSeen {
    const seen = this.#monitors.get(monitor);
    if (seen === undefined) throw new Error(`nothing is known of a monitor ${monitor}`);
    return seen;
  }

  /** The live monitors that claim a device. */
  claimants(device: Id, state?: 'held' | 'leaving'): Id[] {
    return [...this.#monitors].flatMap(([monitor, { live, claims }]) => {
      const found = claims.states.get(device);
      return live && found !== undefined && (state === undefined || found === state) ? [monitor] : [];
    });
  }

  /** Devices that no live monitor claims. */
  unclaimed(): Id[] {
    return this.#devices.filter((device) => this.claimants(device).length === 0);
  }

  /**
   * Waits until every monitor takes its share, each device is held by as many live monitors as it should be and by no
   * other, all of which have probed it, the copies at all brokers are the same, and all has stayed so for a while.
   *
   * @throws {Error} that says what is not so yet.
   */
  async settled(monitors: readonly Id[], perDevice: number, timeout_ms: number): Promise<void> {
    const deadline = performance.now() + timeout_ms;
    let since_ms = performance.now();
    for (;;) {
      const fault = this.#unsettled(monitors, Math.min(perDevice, monitors.length));
      if (fault !== undefined) since_ms = performance.now();
      const steady_ms = performance.now() - Math.max(since_ms, this.changes.at(-1)?.heard_ms ?? 0);
      if (steady_ms >= STEADY_ms) return;
      if (performance.now() > deadline)
        throw new Error(`not settled after ${timeout_ms / 1000} s: ${fault ?? 'claims go on changing'}`);
      await pause(50);
    }
  }

  #unsettled(monitors: readonly Id[], wanted: number): string | undefined {
    const dead = monitors.find((monitor) => !this.monitor(monitor).live);
    if (dead !== undefined) return `${dead} does not say that it lives`;
    const idle = monitors.find((monitor) => !this.monitor(monitor).probing);
    if (idle !== undefined) return `${idle} does not say that it probes`;
    const listening = monitors.find((monitor) => !this.monitor(monitor).sharing);
    if (listening !== undefined) return `${listening} takes no share yet`;
    const faults = new Map<string, Id[]>();
    const add = (fault: string, device: Id): void => void faults.set(fault, [...(faults.get(fault) ?? []), device]);
    for (const device of this.#devices) {
      const held = this.claimants(device, 'held');
      const leaving = this.claimants(device, 'leaving');
      if (held.length !== wanted) add(`${held.length} of ${wanted} hold it`, device);
      else if (leaving.length > 0) add(`${leaving.join()} still leaves it`, device);
      for (const monitor of held) {
        if (this.monitor(monitor).probe(device) === undefined) add(`${monitor} has not probed it`, device);
      }
    }
    if (faults.size > 0) {
      return [...faults].map(([fault, devices]) => `${devices.length} devices (${devices[0]} …): ${fault}`).join('; ');
    }
    const behind = [...this.#copies].find(([key, claims]) => {
      const [broker = '', monitor = ''] = key.split(' ');
      if (!monitors.includes(broker) || !monitors.includes(monitor)) return false;
      return claims.mark !== this.monitor(monitor).claims.mark;
    });
    if (behind === undefined) return undefined;
    const [broker, monitor] = behind[0].split(' ');
    return `the copy of ${monitor} at ${broker}’s broker is not what ${monitor} says`;
  }

  #look(): void {
    this.looks.push({ at_ms: performance.now(), unclaimed: this.unclaimed() });
  }

  async #listen(wire: Wire, broker: Id): Promise<void> {
    await wire.hear(channels.status, {}, ({ parameters: { monitor }, value, message }) => {
      if (value === undefined) return;
      if (monitor !== broker) this.#copy(broker, monitor)?.run(value.incarnation);
      // One that is stored tells what was.
      else if (!message.retain || value.state === 'offline') {
        this.#note(monitor, this.#monitors.get(monitor)?.hearStatus(value, performance.now()));
      }
    });
    await wire.hear(channels.claims, {}, ({ parameters: { monitor, bucket }, value }) => {
      const number = bucketOf(bucket);
      if (value === undefined || number === undefined) return;
      if (monitor !== broker) this.#copy(broker, monitor)?.hear(number, value);
      else this.#note(monitor, this.#monitors.get(monitor)?.hearBucket(number, value, performance.now()));
    });
    await wire.hear(channels.ping, { monitor: broker }, ({ parameters: { device }, value }) => {
      if (value === undefined) return;
      this.#monitors.get(broker)?.hearProbe(device, Date.parse(value.at), performance.now());
    });
  }

  #copy(broker: Id, monitor: Id): ClaimsSeen | undefined {
    if (!this.#monitors.has(monitor)) return undefined;
    const key = `${broker} ${monitor}`;
    const known = this.#copies.get(key);
    if (known !== undefined) return known;
    const claims = new ClaimsSeen();
    this.#copies.set(key, claims);
    return claims;
  }

  #note(monitor: Id, changes: readonly Change[] = []): void {
    const heard_ms = performance.now();
    for (const change of changes) this.changes.push({ ...change, monitor, heard_ms });
  }
}
