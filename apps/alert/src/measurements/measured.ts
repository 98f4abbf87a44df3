import { TroubleKind, type PingObservation, type SnmpObservation, type Trouble } from '@guaita/model';
import type { Now } from '../now.ts';
import { PingReadings } from './ping-readings.ts';
import type { KeptDevice } from './kept.ts';
import type { Reading } from './reading.ts';
import type { Rules } from './rules.ts';
import { SnmpReadings } from './snmp-readings.ts';
import { Trigger } from './trigger.ts';

/** What other monitors say of the same device. */
export type Standing = () => readonly Trouble[];

const PING_KINDS: readonly TroubleKind[] = ['loss', 'latency'];

/** An interface that its device does not list in so many polls is there no more. */
const GONE_AFTER_polls = 3;

/**
 * What one monitor has measured of one device, and what is amiss by that. Whoever begins to measure a device takes over
 * what is told of it, and ends it as if it had begun it: a handover ends no alert, and begins none.
 */
export class Measured {
  #ping: PingReadings | undefined;
  #snmp: SnmpReadings | undefined;
  #triggers: Map<string, Trigger> | undefined;
  #open: Map<string, Trouble> | undefined;
  #unlisted: Map<string, number> | undefined;
  /** What is known of before the start of this process, until the device is measured. */
  #before: Omit<KeptDevice, 'device'> | undefined;
  /** When each was measured last, and when it was left to another. */
  readonly #pinged: { at_ms: number; left_ms: number };
  readonly #polled: { at_ms: number; left_ms: number };

  /**
   * @param told what was said to be amiss before the start of this process.
   * @param before what else is known of before.
   */
  constructor(told: readonly Trouble[], { monotonic_ms }: Now, before?: Omit<KeptDevice, 'device'>) {
    this.#takeOver(told);
    this.#before = before;
    this.#pinged = { at_ms: monotonic_ms, left_ms: Infinity };
    this.#polled = { at_ms: monotonic_ms, left_ms: Infinity };
  }

  /** All that is amiss. */
  get troubles(): readonly Trouble[] {
    return [...(this.#open?.values() ?? [])];
  }

  /** What a restart is to know. */
  get kept(): Omit<KeptDevice, 'device'> {
    const usual = this.#ping === undefined ? this.#before?.usual : this.#ping.usual;
    const up = [...(this.#snmp === undefined ? (this.#before?.up ?? []) : this.#snmp.up)];
    return { ...(usual === undefined ? {} : { usual }), ...(up.length === 0 ? {} : { up }) };
  }

  /** Takes a probe. @returns whether something began or ended. */
  ping(observation: PingObservation, rules: Rules, standing: Standing, now: Now): boolean {
    this.#pinged.at_ms = now.monotonic_ms;
    this.#pinged.left_ms = Infinity;
    if (observation.state !== 'up') {
      this.#ping?.pause();
      for (const trigger of this.#triggers?.values() ?? []) trigger.pause();
      return false;
    }
    let changed = false;
    if (this.#ping === undefined) {
      this.#ping = new PingReadings(this.#before?.usual);
      changed = this.#takeOver(standing().filter(({ kind }) => PING_KINDS.includes(kind)));
    }
    const latency = this.#open?.get(keyOf('latency', undefined));
    const readings = this.#ping.read(observation, rules, latency, now.monotonic_ms);
    return this.#note(readings, observation.at, standing, now) || changed;
  }

  /** Takes a poll. @returns whether something began or ended. */
  snmp(observation: SnmpObservation, rules: Rules, standing: Standing, now: Now): boolean {
    this.#polled.at_ms = now.monotonic_ms;
    this.#polled.left_ms = Infinity;
    if (observation.state !== 'up') return false;
    let changed = false;
    if (this.#snmp === undefined) {
      this.#snmp = new SnmpReadings(this.#before?.up);
      changed = this.#takeOver(standing().filter(({ kind }) => !PING_KINDS.includes(kind)));
    }
    const isTold = (name: string): boolean => this.#open?.has(keyOf('interface-down', name)) === true;
    const readings = this.#snmp.read(observation, rules, isTold, now.monotonic_ms);
    changed = this.#note(readings, observation.at, standing, now) || changed;
    return this.#dropUnlisted(observation) || changed;
  }

  /** Rules have changed: what is not to be told any more is over. @returns whether anything is. */
  keep(isWanted: (kind: TroubleKind) => boolean): boolean {
    const unwanted = this.troubles.filter(({ kind }) => !isWanted(kind));
    for (const { kind, part } of unwanted) this.#forget(keyOf(kind, part));
    return unwanted.length > 0;
  }

  /** It is another's to ping or to poll from now on, who takes over what is told of it. */
  leave(what: 'ping' | 'snmp', now_ms: number): void {
    (what === 'ping' ? this.#pinged : this.#polled).left_ms = now_ms;
  }

  /** What was measured last before `before_ms`, or left before `left_ms`, is let go of. @returns whether anything is. */
  dropStale(before_ms: number, left_ms: number): boolean {
    const isStale = (kind: TroubleKind): boolean => {
      const measured = PING_KINDS.includes(kind) ? this.#pinged : this.#polled;
      return measured.at_ms < before_ms || measured.left_ms < left_ms;
    };
    return this.keep((kind) => !isStale(kind));
  }

  /** Nothing was measured since. */
  isStale(since_ms: number): boolean {
    return Math.max(this.#pinged.at_ms, this.#polled.at_ms) < since_ms;
  }

  /** Another names the same event otherwise: the lower number counts, so that all come to agree. */
  agree(others: readonly Trouble[]): boolean {
    let changed = false;
    for (const { kind, part, episode, since } of others) {
      const key = keyOf(kind, part);
      const own = this.#open?.get(key);
      if (own === undefined || own.episode <= episode) continue;
      this.#open?.set(key, { ...own, episode, since });
      changed = true;
    }
    return changed;
  }

  #takeOver(troubles: readonly Trouble[]): boolean {
    for (const trouble of troubles) {
      const key = keyOf(trouble.kind, trouble.part);
      const known = this.#open?.get(key);
      if (known !== undefined && known.episode <= trouble.episode) continue;
      (this.#triggers ??= new Map()).set(key, new Trigger(true));
      (this.#open ??= new Map()).set(key, trouble);
    }
    return troubles.length > 0;
  }

  #note(readings: readonly Reading[], at: string, standing: Standing, { monotonic_ms }: Now): boolean {
    let changed = false;
    for (const { kind, part, level, threshold, value, usual } of readings) {
      const key = keyOf(kind, part);
      const trigger = this.#triggers?.get(key) ?? new Trigger();
      if (trigger.note(level, threshold, monotonic_ms)) {
        changed = true;
        if (trigger.isOn) {
          const same = lowest(standing().filter((other) => keyOf(other.kind, other.part) === key));
          const trouble: Trouble = {
            kind,
            ...(part === undefined ? {} : { part }),
            episode: same?.episode ?? Math.floor(Date.parse(at) / 1000),
            since: same?.since ?? at,
            ...(value === undefined ? {} : { value: tenths(value) }),
            ...(usual === undefined ? {} : { usual: tenths(usual) }),
          };
          (this.#open ??= new Map()).set(key, trouble);
        } else this.#open?.delete(key);
      }
      if (trigger.isIdle) this.#triggers?.delete(key);
      else (this.#triggers ??= new Map()).set(key, trigger);
    }
    return changed;
  }

  /** A poll that did not give all says nothing about what is not in it. */
  #dropUnlisted({ interfaces, missing }: SnmpObservation): boolean {
    if (missing !== undefined || this.#open === undefined) return false;
    let changed = false;
    const parts = new Set(this.troubles.flatMap(({ part }) => part ?? []));
    for (const part of parts) {
      // Every object has a "constructor", and an interface may be called so.
      const polls = Object.hasOwn(interfaces, part) ? 0 : (this.#unlisted?.get(part) ?? 0) + 1;
      (this.#unlisted ??= new Map()).set(part, polls);
      if (polls < GONE_AFTER_polls) continue;
      for (const kind of TroubleKind.options) this.#forget(keyOf(kind, part));
      changed = true;
    }
    for (const part of this.#unlisted?.keys() ?? []) if (!parts.has(part)) this.#unlisted?.delete(part);
    return changed;
  }

  #forget(key: string): void {
    this.#open?.delete(key);
    this.#triggers?.delete(key);
  }
}

/** Of one event as several name it, the one by whose name it goes. */
function lowest(troubles: readonly Trouble[]): Trouble | undefined {
  return troubles.reduce<Trouble | undefined>(
    (least, each) => (least === undefined || each.episode < least.episode ? each : least),
    undefined,
  );
}

function keyOf(kind: TroubleKind, part: string | undefined): string {
  return part === undefined ? kind : `${kind}/${part}`;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
