import { describe, expect, it } from 'vitest';
import { perSecond, type Seen } from './per-second.ts';

/** Batches that begin at 700 ms of each second and last 500 ms, into the next. */
function batches(seconds: number, size: number): Seen[] {
  return Array.from({ length: seconds * size }, (_, index) => {
    const second = Math.floor(index / size);
    const at_ms = 1_000_000 + second * 1000 + 700 + ((index % size) / size) * 500;
    return { at_ms, device: `d${index % (10 * size)}`, up: true };
  });
}

describe('the evenness of observations', () => {
  it('is cut between batches, wherever in the second they lie', () => {
    expect(perSecond(batches(20, 50), 1_003_200, 10)).toEqual({
      observations: 500,
      once: 500,
      up: 500,
      deviation_percent: 0,
    });
  });

  it('shows a device that came twice, and the second that was fuller', () => {
    const seen = [...batches(20, 50), { at_ms: 1_005_800, device: 'd7', up: true }];
    const { once, deviation_percent } = perSecond(seen, 1_003_200, 10);
    expect(once).toBe(499);
    expect(deviation_percent).toBeGreaterThan(1.5);
  });
});
