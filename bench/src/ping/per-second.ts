/** One observation of a device. */
export interface Seen {
  readonly at_ms: number;
  readonly device: string;
  readonly up: boolean;
}

export interface Evenness {
  readonly observations: number;
  /** Devices with exactly one observation. */
  readonly once: number;
  /** Devices whose observation says up. */
  readonly up: number;
  /** How far the furthest second is from the mean of all. */
  readonly deviation_percent: number;
}

/**
 * How evenly observations fall on the seconds of a window. Batches begin at some point of the second and spread over a
 * part of it; the seconds are cut where there is the longest pause, so that none of a batch falls into the next second.
 */
export function perSecond(all: readonly Seen[], from_ms: number, seconds: number): Evenness {
  const near = all.filter(({ at_ms }) => at_ms >= from_ms - 1000 && at_ms < from_ms + (seconds + 2) * 1000);
  const start_ms = from_ms - (from_ms % 1000) + middleOfLongestPause(near.map(({ at_ms }) => at_ms % 1000));
  const inside = near.filter(({ at_ms }) => at_ms >= start_ms && at_ms < start_ms + seconds * 1000);
  const counts = Array<number>(seconds).fill(0);
  const times = new Map<string, number>();
  const up = new Set<string>();
  for (const { at_ms, device, up: isUp } of inside) {
    const second = Math.floor((at_ms - start_ms) / 1000);
    counts[second] = (counts[second] ?? 0) + 1;
    times.set(device, (times.get(device) ?? 0) + 1);
    if (isUp) up.add(device);
  }
  const mean = inside.length / seconds;
  return {
    observations: inside.length,
    once: [...times.values()].filter((count) => count === 1).length,
    up: up.size,
    deviation_percent: Math.max(...counts.map((count) => (Math.abs(count - mean) / mean) * 100)),
  };
}

/** @param phases milliseconds within the second. */
function middleOfLongestPause(phases: readonly number[]): number {
  const sorted = [...phases].sort((a, b) => a - b);
  let best = { pause: 0, middle: 0 };
  for (const [index, phase] of sorted.entries()) {
    const previous = index === 0 ? (sorted.at(-1) ?? phase) - 1000 : (sorted[index - 1] ?? phase);
    if (phase - previous > best.pause) best = { pause: phase - previous, middle: (phase + previous) / 2 };
  }
  return (Math.round(best.middle) + 1000) % 1000;
}
