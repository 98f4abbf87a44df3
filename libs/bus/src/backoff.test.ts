import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { backoff } from './backoff.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

test('pauses double up to the longest', () => {
  expect(seven(0)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
});

test('chance shortens a pause by half at most', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
      const [first = 0, , , , , , last = 0] = seven(random);
      expect(first).toBeGreaterThan(249);
      expect(first).toBeLessThanOrEqual(500);
      expect(last).toBeGreaterThan(7_499);
      expect(last).toBeLessThanOrEqual(15_000);
    }),
  );
});

function seven(random: number): number[] {
  const pauses = backoff({ first_ms: 500, most_ms: 15_000, random: () => random });
  return Array.from({ length: 7 }, () => pauses.next().value);
}
