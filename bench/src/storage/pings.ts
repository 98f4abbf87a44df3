import type { PingObservation } from '@guaita/model';

/** Who sees what: each monitor pings each device once a minute. */
export interface Site {
  readonly devices: number;
  readonly monitors: number;
}

/** One observation, and who said it of which device. */
export interface Ping {
  readonly monitor: string;
  readonly device: string;
  readonly seen: PingObservation;
  readonly received_ms: number;
}

export const INTERVAL_ms = 60_000;

/** Pings of three requests of one minute of a site, in the order in which they are heard; the same for the same minute. */
export function pingsOfMinute({ devices, monitors }: Site, minute_ms: number): Ping[] {
  const random = seeded(minute_ms / INTERVAL_ms);
  const pings: Ping[] = [];
  // As the ping service does it: a second’s batch at a time, each device with a phase of its own.
  for (let index = 0; index < devices * monitors; index++) {
    const device = index % devices;
    const monitor = Math.floor(index / devices);
    const phase_ms = ((device * 7919 + monitor * 104_729) % 60) * 1000;
    const at_ms = minute_ms + phase_ms + 510 + Math.floor(random() * 40);
    pings.push({
      monitor: `lookout-${monitor}`,
      device: `device-${device}`,
      seen: observe(at_ms, device, monitor, random),
      received_ms: at_ms + 1 + Math.floor(random() * 8),
    });
  }
  return pings.sort((a, b) => a.received_ms - b.received_ms);
}

/**
 * Round trips of 0.3 to 60 ms, by device and by how far the monitor is away, a third slower in the evening, with the noise
 * and the rare spikes of radio links; one request in 500 is lost, and each device is down 0.1 % of the time.
 */
function observe(at_ms: number, device: number, monitor: number, random: () => number): PingObservation {
  const at = new Date(at_ms).toISOString();
  const common = { at, address: null, sent: 3 };
  const outage = (Math.floor(at_ms / 600_000) * 31 + device) % 1000;
  if (outage === 0) {
    return {
      ...common,
      received: 0,
      loss_percent: 100,
      ...{ rtt_min_ms: null, rtt_avg_ms: null, rtt_max_ms: null, jitter_ms: null },
      state: 'down',
      reason: 'no reply to 3 requests, and none to 3 more',
    };
  }
  const base_ms = 0.3 * 200 ** (((device * 37) % 100) / 100) + monitor;
  const evening = 1 + 0.33 * Math.max(0, Math.sin(((at_ms / 3_600_000 - 14) / 24) * 2 * Math.PI));
  const rtts_ms = [1, 2, 3].map(() => base_ms * evening * (1 + 0.1 * random() ** 2 + (random() < 0.01 ? 3 : 0)));
  const [first = 0, second = 0, third = 0] = rtts_ms;
  const received = random() < 0.006 ? 2 : 3;
  return {
    ...common,
    received,
    loss_percent: thousandths((1 - received / 3) * 100),
    rtt_min_ms: thousandths(Math.min(...rtts_ms)),
    rtt_avg_ms: thousandths((first + second + third) / 3),
    rtt_max_ms: thousandths(Math.max(...rtts_ms)),
    jitter_ms: thousandths((Math.abs(first - second) + Math.abs(second - third)) / 2),
    state: 'up',
  };
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Mulberry32: uniform in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
