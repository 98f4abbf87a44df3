import type { RateUnknown } from '@guaita/model';

/** When something was read: by our own clock, and by the agent's sysUpTime in the same answer. */
export interface Stamp {
  /** Monotonic milliseconds of this host. */
  readonly local_ms: number;
  /** Hundredths of a second since the agent started, modulo 2^32; `undefined` when it does not say. */
  readonly ticks: number | undefined;
}

/** A counter as it was read. */
export interface Counter {
  readonly value: bigint;
  readonly bits: 32 | 64;
}

/** TimeTicks start again at 0 after 497 days (RFC 2578 §7.1.8). */
const TICKS_MODULUS = 2 ** 32;
const MS_PER_TICK = 10;

/** Closer polls than this see an agent's cached counters rather than a rate, and 10 ms ticks weigh more than 2 %. */
export const MIN_INTERVAL_MS = 500;

/**
 * How far the agent's interval may be from ours and still be the better one: a quarter, since some agents renew
 * sysUpTime only now and then, but at most 5 s, the delay that a lost and repeated request makes.
 */
const MAX_DISAGREEMENT = 0.25;
const MAX_DISAGREEMENT_MS = 5_000;

/** Agents renew their counters only every so many seconds (Net-SNMP, IOS), so one poll may hold more than its time. */
const AGENT_CACHE_S = 15;

/** Clocks drift, and speeds are rounded. */
const SPEED_TOLERANCE = 1.1;

/** Tells whether sysUpTime passed 2^32 between two polls, and not a restart: it must be where our clock expects it. */
function ticksWrapped(before: number, after: number, local_ms: number): boolean {
  const agent_ms = (after - before + TICKS_MODULUS) * MS_PER_TICK;
  return Math.abs(agent_ms - local_ms) <= Math.max(10_000, local_ms * 0.05);
}

/**
 * Tells whether the agent started anew between two polls. It did when sysUpTime went back (other than by its wrap
 * after 497 days), or is younger than our last poll although it is higher, as after a long gap.
 */
function restarted(before: number, after: number, local_ms: number): boolean {
  if (after < before) return !ticksWrapped(before, after, local_ms);
  return after * MS_PER_TICK < local_ms * 0.99 - 1_000 && after - before < (local_ms / MS_PER_TICK) * 0.75;
}

/**
 * The time between two readings, in seconds, or why there is no rate between them.
 *
 * The agent's own sysUpTime tells it best: it was read in the same answer as the counters, so no delay or repetition on
 * the way is in it. It is believed while our monotonic clock bears it out. When the two disagree the longer one counts:
 * a cached sysUpTime makes the agent's too short, and a host that slept makes ours too short; either would give a rate
 * that never was.
 */
export function intervalBetween(before: Stamp, after: Stamp): number | RateUnknown {
  const local_ms = after.local_ms - before.local_ms;
  if (before.ticks === undefined || after.ticks === undefined) {
    return local_ms < MIN_INTERVAL_MS ? 'too soon' : local_ms / 1000;
  }
  if (restarted(before.ticks, after.ticks, local_ms)) return 'reboot';
  if (local_ms < MIN_INTERVAL_MS) return 'too soon';
  const agent_ms = ((after.ticks - before.ticks + TICKS_MODULUS) % TICKS_MODULUS) * MS_PER_TICK;
  const disagreement = Math.abs(agent_ms - local_ms);
  const agrees = disagreement <= Math.min(MAX_DISAGREEMENT_MS, local_ms * MAX_DISAGREEMENT);
  return (agrees ? agent_ms : Math.max(agent_ms, local_ms)) / 1000;
}

/** What a counter can count at most. */
export interface CounterLimit {
  /** Counts in a second; `undefined` when nothing is known. */
  readonly max_per_s: number | undefined;
  /**
   * Whether it may really run that fast, so that a 32-bit counter can pass its end unseen within one interval. Octets
   * can; errors at line rate are nothing to guard against.
   */
  readonly sustained: boolean;
}

/**
 * The rate of a counter, or why there is none.
 *
 * A value below the last one is a wrap when what it makes is within the limit, else the counter was set back. Without
 * a known limit a 32-bit counter may wrap by up to half its range, and a 64-bit one never (at 400 Gb/s that takes
 * eleven years).
 *
 * @param interval_s seconds between the two readings, more than 0.
 */
export function counterRate(
  before: Counter | undefined,
  after: Counter | undefined,
  interval_s: number,
  { max_per_s, sustained }: CounterLimit,
): number | RateUnknown {
  if (after === undefined) return 'not given';
  if (before === undefined) return 'first poll';
  if (before.bits !== after.bits) return 'discontinuity';
  const modulus = after.bits === 32 ? 4_294_967_296n : 18_446_744_073_709_551_616n;
  if (after.value >= modulus || before.value >= modulus) return 'counter jumped';
  const wentBack = after.value < before.value;
  const delta = Number(wentBack ? after.value - before.value + modulus : after.value - before.value);
  if (max_per_s === undefined) {
    return wentBack && (after.bits === 64 || delta > 2 ** 31) ? 'counter went back' : delta / interval_s;
  }
  if (delta > max_per_s * SPEED_TOLERANCE * (interval_s + AGENT_CACHE_S)) {
    return wentBack ? 'counter went back' : 'counter jumped';
  }
  if (sustained && after.bits === 32 && max_per_s * interval_s >= 2 ** 32) return 'wraps too fast';
  return delta / interval_s;
}

/**
 * How long the agent has run, in seconds. sysUpTime alone starts again after 497 days; snmpEngineTime counts seconds
 * for 68 years, and is taken where both tell of the same start.
 */
export function uptimeOf(ticks: number | undefined, engine_s: number | undefined): number | null {
  if (ticks === undefined) return engine_s ?? null;
  const seconds = ticks / 100;
  if (engine_s === undefined || engine_s < 0) return seconds;
  const period_s = TICKS_MODULUS / 100;
  const periods = Math.round((engine_s - seconds) / period_s);
  const agrees = periods >= 0 && Math.abs(engine_s - seconds - periods * period_s) <= 30;
  return agrees ? Math.round((seconds + periods * period_s) * 100) / 100 : seconds;
}
