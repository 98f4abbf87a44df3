import { describe, expect, it } from 'vitest';
import { DAY_ms } from '../day.ts';
import { gaps } from './gaps.ts';
import { resolutionFor } from './resolution-for.ts';

const HOUR_ms = 3_600_000;
const now_ms = Date.UTC(2026, 10, 23, 12);
const last = (length_ms: number) => ({ from_ms: now_ms - length_ms, to_ms: now_ms });
const years = { raw: now_ms - 30 * DAY_ms, '5m': now_ms - 180 * DAY_ms, '1h': now_ms - 730 * DAY_ms, '1d': 0 };

describe('the resolution for a span', () => {
  it.each([
    [last(HOUR_ms), 500, 'raw'],
    [last(8 * HOUR_ms), 500, 'raw'],
    [last(DAY_ms), 500, '5m'],
    [last(7 * DAY_ms), 500, '1h'],
    [last(365 * DAY_ms), 500, '1d'],
    [last(9_000 * DAY_ms), 500, '1d'],
    [last(7 * DAY_ms), 10_000, '5m'],
    [last(HOUR_ms), 1, '1h'],
  ] as const)('%# is the finest that gives few enough points', (span, points, resolution) => {
    expect(resolutionFor(span, points, years)).toBe(resolution);
  });

  it('goes back as far as the span does, where anything does', () => {
    const old = { from_ms: now_ms - 100 * DAY_ms, to_ms: now_ms - 100 * DAY_ms + HOUR_ms };
    expect(resolutionFor(old, 500, years)).toBe('5m');
    expect(resolutionFor(last(DAY_ms), 5_000, { raw: now_ms - HOUR_ms, '5m': now_ms - HOUR_ms })).toBe('raw');
    expect(resolutionFor(last(DAY_ms), 5_000, {})).toBe('raw');
  });
});

describe('gaps', () => {
  it('are what is left of a span without some days, as few pieces as can be', () => {
    const day = (n: number): number => Date.UTC(2026, 10, n);
    const span = { from_ms: day(1) + 5, to_ms: day(6) + 7 };
    expect(gaps(span, new Set(['2026-11-03', '2026-11-04']))).toEqual([
      { from_ms: day(1) + 5, to_ms: day(3) },
      { from_ms: day(5), to_ms: day(6) + 7 },
    ]);
    expect(gaps(span, new Set())).toEqual([span]);
    expect(gaps({ from_ms: day(3), to_ms: day(4) }, new Set(['2026-11-03']))).toEqual([]);
  });
});
