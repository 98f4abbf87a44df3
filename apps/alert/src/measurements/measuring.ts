import type { Wire } from '@guaita/bus';
import { channels, type DeviceSpec, type MonitorView } from '@guaita/messages';
import type { Id, PingObservation, SnmpObservation, Trouble } from '@guaita/model';
import { endInTurn, type Clock, type KeptFile } from '@guaita/service';
import type { Now } from '../now.ts';
import type { KeptDevice, KeptMeasurements } from './kept.ts';
import { Measured } from './measured.ts';
import type { Rules, RulesFor } from './rules.ts';

/** What was last measured before this, and before three intervals, says nothing any more: another measures the device. */
const STALE_ms = 900_000;
/** Who measures a device next has looked at it within three intervals and this. */
const HANDOVER_ms = 10_000;
/** Who died longer ago than this left nothing to take over. */
const TAKEN_OVER_ms = 900_000;
/** A quarter of the time after which brokers forget it. */
const AGAIN_ms = 6 * 3_600_000;

/** 35,000 devices are two megabytes: that wears no SD card out. */
const KEEP_EVERY_ms = 3_600_000;
/** What was usual before, or up, says little of now. */
const KEPT_FOR_ms = 7 * 86_400_000;

/** 35,000 devices make 600 measurements a second: one that is lost is followed by another. */
const AS_IT_COMES = { qos: 0 } as const;

export interface MeasuringOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  /** Whose measurements are judged here. */
  readonly monitor: Id;
  readonly rules: RulesFor;
  /** What a restart is to know. */
  readonly file: KeptFile<typeof KeptMeasurements>;
  /** Told why that cannot be kept on disk; `undefined`: it is. */
  readonly onKept: (why: string | undefined) => void;
  /** Told what any monitor of this site says is amiss. */
  readonly heard: (monitor: Id, device: Id, troubles: readonly Trouble[]) => void;
}

interface Watching {
  readonly measured: Measured;
  said_ms: number;
}

/**
 * Judges what this monitor measures of devices that answer, and says to the monitors of its site what is amiss. Each judges
 * its own: so the work is shared, and what a monitor says of an event is the same on all brokers of the site.
 */
export class Measuring {
  readonly #options: MeasuringOptions;
  readonly #entries = new Map<Id, { readonly spec: DeviceSpec; readonly rules: Rules }>();
  readonly #watching = new Map<Id, Watching>();
  /** What each monitor says, by device. Of this one, what it said before its start counts until it measures. */
  readonly #said = new Map<Id, Map<Id, readonly Trouble[]>>();
  /** When a monitor was found dead; the others live. */
  readonly #died_ms = new Map<Id, number>();
  readonly #releases: (() => Promise<void>)[] = [];
  /** What was known before the start of devices that were not measured since. */
  #before = new Map<Id, KeptDevice>();
  #began_ms = 0;
  #kept_ms = 0;

  constructor(options: MeasuringOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { wire, monitor } = this.#options;
    const { monotonic_ms, wall_ms } = this.#now();
    this.#began_ms = monotonic_ms;
    this.#kept_ms = monotonic_ms;
    const kept = await this.#options.file.read();
    if (kept !== undefined && wall_ms - Date.parse(kept.at) < KEPT_FOR_ms) {
      this.#before = new Map(kept.devices.map((device) => [device.device, device]));
    }
    this.#releases.push(
      await wire.hear(
        channels.trouble,
        {},
        ({ parameters, value }) => this.#hear(parameters.monitor, parameters.device, value?.troubles ?? []),
        AS_IT_COMES,
      ),
      await wire.hear(
        channels.ping,
        { monitor },
        ({ parameters: { device }, value, message }) => {
          // What was stored before is older than what this one knows, if it knows anything.
          if (value === undefined) this.#leave('ping', device);
          else if (!message.retain) this.#ping(device, value);
        },
        AS_IT_COMES,
      ),
      await wire.hear(
        channels.snmp,
        { monitor },
        ({ parameters: { device }, value, message }) => {
          if (value === undefined) this.#leave('snmp', device);
          else if (!message.retain) this.#snmp(device, value);
          else this.#wasUp(device, value);
        },
        AS_IT_COMES,
      ),
    );
  }

  async stop(): Promise<void> {
    const failures = await endInTurn(this.#releases.splice(0).reverse());
    await this.#keep();
    if (failures.length > 0) throw new AggregateError(failures, 'what is measured is still heard');
  }

  /** A device's entry; `undefined`: it is gone from the inventory. */
  spec(device: Id, spec: DeviceSpec | undefined): void {
    if (spec === undefined) {
      this.#entries.delete(device);
      this.#watching.delete(device);
      this.#before.delete(device);
      this.#say(device, []);
      return;
    }
    const rules = this.#options.rules(spec.tags);
    this.#entries.set(device, { spec, rules });
    const watching = this.#watching.get(device);
    if (watching?.measured.keep((kind) => rules[kind] !== undefined) === true) {
      this.#say(device, watching.measured.troubles);
    }
  }

  /** What is known of a monitor; `undefined`: it is forgotten. */
  monitor(monitor: Id, view: MonitorView | undefined): void {
    if (view?.alive === true) this.#died_ms.delete(monitor);
    else if (!this.#died_ms.has(monitor)) {
      this.#died_ms.set(monitor, view === undefined ? -Infinity : this.#now().monotonic_ms);
    }
  }

  /** Lets go of what is not measured any more, and says again what brokers would forget. To be called now and then. */
  sweep(): void {
    const { monotonic_ms } = this.#now();
    for (const [device, watching] of this.#watching) {
      const checks = this.#entries.get(device)?.spec.checks;
      const longest_s = Math.max(checks?.ping?.interval_s ?? 0, checks?.snmp?.interval_s ?? 0);
      const stale_ms = Math.max(STALE_ms, 3 * longest_s * 1000);
      const left_ms = 3 * longest_s * 1000 + HANDOVER_ms;
      const isOver = watching.measured.dropStale(monotonic_ms - stale_ms, monotonic_ms - left_ms);
      const isOld = watching.measured.troubles.length > 0 && monotonic_ms >= watching.said_ms + AGAIN_ms;
      if (isOver || isOld) this.#say(device, watching.measured.troubles);
      if (watching.measured.isStale(monotonic_ms - stale_ms)) this.#watching.delete(device);
    }
    if (monotonic_ms >= this.#kept_ms + KEEP_EVERY_ms) {
      this.#kept_ms = monotonic_ms;
      // Who has not measured a device for an hour is not to measure it.
      this.#before.clear();
      void this.#keep();
    }
    if (monotonic_ms < this.#began_ms + STALE_ms) return;
    const { monitor } = this.#options;
    for (const [device, said] of this.#said) {
      if (said.has(monitor) && !this.#watching.has(device)) this.#say(device, []);
    }
  }

  #hear(monitor: Id, device: Id, troubles: readonly Trouble[]): void {
    const said = this.#said.get(device) ?? new Map<Id, readonly Trouble[]>();
    if (troubles.length === 0) said.delete(monitor);
    else said.set(monitor, troubles);
    if (said.size === 0) this.#said.delete(device);
    else this.#said.set(device, said);
    this.#options.heard(monitor, device, troubles);
    const watching = this.#watching.get(device);
    if (monitor === this.#options.monitor || watching === undefined || this.#died_ms.has(monitor)) return;
    if (watching.measured.agree(troubles)) this.#say(device, watching.measured.troubles);
  }

  #leave(what: 'ping' | 'snmp', device: Id): void {
    this.#watching.get(device)?.measured.leave(what, this.#now().monotonic_ms);
  }

  #ping(device: Id, observation: PingObservation): void {
    this.#judge(device, ({ measured }, rules, now) =>
      measured.ping(observation, rules, () => this.#others(device), now),
    );
  }

  #snmp(device: Id, observation: SnmpObservation): void {
    this.#judge(device, ({ measured }, rules, now) =>
      measured.snmp(observation, rules, () => this.#others(device), now),
    );
  }

  /** What the broker keeps is what was last seen, perhaps before the start of this process. */
  #wasUp(device: Id, { interfaces }: SnmpObservation): void {
    if (this.#watching.has(device)) return;
    const before = this.#before.get(device) ?? { device };
    const up = Object.entries(interfaces).filter(([, { oper }]) => oper === 'up');
    this.#before.set(device, { ...before, up: [...new Set([...(before.up ?? []), ...up.map(([name]) => name)])] });
  }

  /** Writes down what a restart is to know. */
  async #keep(): Promise<void> {
    const measured = [...this.#watching].map(([device, { measured }]) => ({ device, ...measured.kept }));
    const devices = [...measured, ...this.#before.values()].filter(({ usual, up }) => usual ?? up);
    if (devices.length === 0) return;
    try {
      await this.#options.file.write({ at: new Date(this.#now().wall_ms).toISOString(), devices });
      this.#options.onKept(undefined);
    } catch (error) {
      this.#options.onKept(error instanceof Error ? error.message : String(error));
    }
  }

  #judge(device: Id, take: (watching: Watching, rules: Rules, now: Now) => boolean): void {
    const entry = this.#entries.get(device);
    if (entry === undefined) return;
    const now = this.#now();
    let watching = this.#watching.get(device);
    if (watching === undefined) {
      watching = {
        measured: new Measured(this.#said.get(device)?.get(this.#options.monitor) ?? [], now, this.#before.get(device)),
        said_ms: -Infinity,
      };
      this.#before.delete(device);
      this.#watching.set(device, watching);
    }
    if (take(watching, entry.rules, now)) this.#say(device, watching.measured.troubles);
  }

  /** What other monitors say of a device, as far as there is anything to it. */
  #others(device: Id): readonly Trouble[] {
    const { monotonic_ms } = this.#now();
    return [...(this.#said.get(device) ?? [])].flatMap(([monitor, troubles]) => {
      const died_ms = this.#died_ms.get(monitor) ?? Infinity;
      return monitor !== this.#options.monitor && monotonic_ms < died_ms + TAKEN_OVER_ms ? troubles : [];
    });
  }

  #say(device: Id, troubles: readonly Trouble[]): void {
    const { wire, monitor } = this.#options;
    const now = this.#now();
    const watching = this.#watching.get(device);
    if (watching !== undefined) watching.said_ms = now.monotonic_ms;
    if (troubles.length > 0) {
      const at = new Date(now.wall_ms).toISOString();
      wire.say(channels.trouble, { monitor, device }, { at, troubles: [...troubles] });
    } else if (this.#said.get(device)?.has(monitor) === true || watching !== undefined) {
      wire.clear(channels.trouble, { monitor, device });
    }
  }

  #now(): Now {
    const { clock } = this.#options;
    return { monotonic_ms: clock.monotonic_ms(), wall_ms: clock.now_ms() };
  }
}
