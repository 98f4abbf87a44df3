import type { PingObservation } from '@guaita/model';

/** One monitor pings each device once a minute, by three requests. What is made of round trips is whole microseconds, as said over MQTT. */
export interface Ping {
  readonly device: number;
  readonly at_ms: number;
  readonly received_ms: number;
  readonly received: number;
  /** `undefined` where nothing came back. */
  readonly rtt:
    | { readonly min_us: number; readonly avg_us: number; readonly max_us: number; readonly jitter_us: number }
    | undefined;
}

/** The first of the days; long ago, since no store takes what is not over yet. */
export const BEGIN_ms = Date.UTC(2026, 0, 1);
export const DAY_ms = 86_400_000;
export const MINUTE_ms = 60_000;
export const REQUESTS = 3;
export const MONITOR = 'lookout-0';
/** As our ping service says it. */
export const DOWN_reason = 'no reply to 3 requests, and none to 3 more';

const SEED = 20_260_101;
const SECONDS = 60;
const OUTAGE_ms = 600_000;

/** Its id. */
export function deviceId(device: number): string {
  return `device-${device}`;
}

/** The pings of some time, second by second, each device at a second of the minute that is its own: as they are heard. */
export function* seconds(devices: number, from_ms: number, to_ms: number): Generator<Ping[]> {
  const bySecond: number[][] = Array.from({ length: SECONDS }, () => []);
  for (let device = 0; device < devices; device++) bySecond[secondOf(device)]!.push(device);
  for (let second_ms = from_ms; second_ms < to_ms; second_ms += 1000) {
    const minute = Math.floor(second_ms / MINUTE_ms);
    yield bySecond[(second_ms / 1000) % SECONDS]!.map((device) => pingOf(device, minute));
  }
}

/** The pings of one device. */
export function pingsOf(device: number, from_ms: number, to_ms: number): Ping[] {
  const minutes = (to_ms - from_ms) / MINUTE_ms;
  return Array.from({ length: minutes }, (_, index) => pingOf(device, from_ms / MINUTE_ms + index));
}

/**
 * What is seen of a device in a minute (since 1970): always the same, in whatever order it is asked for. Round trips of 0.3
 * to 60 ms, by device, a third slower in the evening, with the noise and the rare spikes of radio links; one request in 500 is
 * lost, at every fiftieth device one in 20; each device is down for ten minutes a week.
 */
export function pingOf(device: number, minute: number): Ping {
  const random = numbers(Math.imul(minute, 0x9e3779b1) ^ Math.imul(device + 1, 0x85ebca6b) ^ SEED);
  const at_ms = minute * MINUTE_ms + secondOf(device) * 1000 + 510 + Math.floor(random() * 40);
  const received_ms = at_ms + 1 + Math.floor(random() * 8);
  if ((Math.floor(at_ms / OUTAGE_ms) * 31 + device * 7) % 1000 === 0) {
    return { device, at_ms, received_ms, received: 0, rtt: undefined };
  }
  const base_us = 300 * 200 ** (((device * 37) % 100) / 100);
  const evening = 1 + 0.33 * Math.max(0, Math.sin(((at_ms / 3_600_000 - 14) / 24) * 2 * Math.PI));
  const trip_us = (): number => asPrinted_us(base_us * evening * (1 + 0.1 * random() ** 2 + (random() < 0.01 ? 3 : 0)));
  const [first, second, third] = [trip_us(), trip_us(), trip_us()];
  const lost = random() < (device % 50 === 7 ? 0.15 : 0.006) ? 1 : 0;
  const rtt = {
    min_us: Math.round(Math.min(first, second, third)),
    avg_us: Math.round((first + second + third) / 3),
    max_us: Math.round(Math.max(first, second, third)),
    jitter_us: Math.round((Math.abs(first - second) + Math.abs(second - third)) / 2),
  };
  return { device, at_ms, received_ms, received: REQUESTS - lost, rtt };
}

/** A ping as our own service says it. */
export function observationOf({ at_ms, received, rtt }: Ping): PingObservation {
  const loss_percent = Math.round((1 - received / REQUESTS) * 100_000) / 1000;
  const common = { at: new Date(at_ms).toISOString(), address: null, sent: REQUESTS, received, loss_percent };
  if (rtt !== undefined) {
    const { min_us, avg_us, max_us, jitter_us } = rtt;
    const trips = { rtt_min_ms: min_us / 1000, rtt_avg_ms: avg_us / 1000, rtt_max_ms: max_us / 1000 };
    return { ...common, ...trips, jitter_ms: jitter_us / 1000, state: 'up' };
  }
  const trips = { rtt_min_ms: null, rtt_avg_ms: null, rtt_max_ms: null, jitter_ms: null };
  return { ...common, ...trips, state: 'down', reason: DOWN_reason };
}

function secondOf(device: number): number {
  return (device * 7919) % SECONDS;
}

/** fping prints a round trip in milliseconds with three digits, of those below one millisecond three decimals. */
function asPrinted_us(trip_us: number): number {
  const step_us = 10 ** Math.max(0, Math.floor(Math.log10(trip_us)) - 2);
  return Math.round(trip_us / step_us) * step_us;
}

/** Mulberry32: uniform in [0, 1). */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
