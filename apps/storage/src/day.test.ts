import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginOfDay_ms, dayOf, isDay, spanOf } from './day.ts';

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
        const { from_ms, to_ms } = spanOf(dayOf(at_ms));
        expect(beginOfDay_ms(at_ms)).toBe(from_ms);
        expect(from_ms <= at_ms && at_ms < to_ms).toBe(true);
      }),
    );
  });

  it.each(['2026-11', '2026-11-23T', 'holiday', '2026-11-2', '2026-99-99', '2026-02-30', '../../../etc', ''])(
    'is not told by %j',
    (name) => {
      expect(isDay(name)).toBe(false);
      expect(isDay(dayOf(0))).toBe(true);
    },
  );
});
