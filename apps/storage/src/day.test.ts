import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginOfDay_ms, DAY_ms, dayOf, isDay } from './day.ts';

const moments = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(9999, 11, 31) });

describe('a day', () => {
  it('is that of UTC', () => {
    expect(dayOf(Date.parse('2026-11-23T23:30:00-01:00'))).toBe('2026-11-24');
    expect(dayOf(Date.UTC(2026, 10, 23))).toBe('2026-11-23');
    expect(dayOf(Date.UTC(2026, 10, 24) - 1)).toBe('2026-11-23');
  });

  it('begins at the moment that its name tells, and holds all moments up to the next', () => {
    fc.assert(
      fc.property(moments, (at_ms) => {
        const begin_ms = beginOfDay_ms(at_ms);
        expect(begin_ms).toBe(Date.parse(dayOf(at_ms)));
        expect(at_ms - begin_ms).toBeGreaterThanOrEqual(0);
        expect(at_ms - begin_ms).toBeLessThan(DAY_ms);
      }),
    );
  });

  it.each(['2026-11', '2026-11-23T', 'holiday', '2026-11-2', '../../../etc', ''])('is not told by %j', (name) => {
    expect(isDay(name)).toBe(false);
    expect(isDay(dayOf(0))).toBe(true);
  });
});
