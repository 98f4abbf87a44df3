import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerdictState } from '@guaita/model';
import { DAY_ms } from '../day.ts';
import { availability, periods, worstFirst, type Change } from './availability.ts';

const day = (n: number): number => Date.UTC(2026, 1, n);

function change(state: VerdictState, at_ms: number): Change {
  return { state, at_ms };
}

describe('periods', () => {
  it('are the days of a span, cut at its ends', () => {
    expect(periods({ from_ms: day(1) + 5, to_ms: day(3) }, 'day')).toEqual([
      { from_ms: day(1) + 5, to_ms: day(2) },
      { from_ms: day(2), to_ms: day(3) },
    ]);
  });

  it('are the months of a span', () => {
    const span = { from_ms: Date.UTC(2026, 0, 31), to_ms: Date.UTC(2026, 2, 2) };
    expect(periods(span, 'month').map(({ to_ms }) => new Date(to_ms).toISOString().slice(0, 10))).toEqual([
      '2026-02-01',
      '2026-03-01',
      '2026-03-02',
    ]);
  });
});

describe('availability', () => {
  const span = { from_ms: day(2), to_ms: day(3) };

  it('counts disputed as up and unreachable as down, and leaves out what is unknown or maintenance', () => {
    const changes = [
      change('up', day(1)),
      change('down', day(2) + 1_000),
      change('unreachable', day(2) + 3_000),
      change('disputed', day(2) + 6_000),
      change('maintenance', day(2) + 10_000),
      change('unknown', day(2) + 15_000),
    ];
    expect(availability(changes, span, day(9))).toEqual({
      ...span,
      ...{ up_ms: 5_000, down_ms: 5_000, maintenance_ms: 5_000, unknown_ms: DAY_ms - 15_000, percent: 50 },
    });
  });

  it('knows nothing before the first change, nor of the future, nor without any', () => {
    expect(availability([change('up', day(2) + 1_000)], span, day(2) + 3_000)).toMatchObject({
      ...{ up_ms: 2_000, unknown_ms: DAY_ms - 2_000, percent: 100 },
    });
    expect(availability([], span, day(9))).toMatchObject({ unknown_ms: DAY_ms, percent: null });
    expect(availability([change('up', day(1))], span, day(1))).toMatchObject({ unknown_ms: DAY_ms, percent: null });
  });

  it('accounts for each moment of a span once, however it is cut', () => {
    const states: VerdictState[] = ['up', 'down', 'disputed', 'unreachable', 'unknown', 'maintenance'];
    const moment = fc.integer({ min: day(1), max: day(5) });
    const story = fc
      .array(fc.record({ state: fc.constantFrom(...states), at_ms: moment }), { maxLength: 20 })
      .map((changes) => changes.sort((a, b) => a.at_ms - b.at_ms));
    fc.assert(
      fc.property(story, moment, moment, moment, (changes, cut_ms, until_ms, end_ms) => {
        const whole = { from_ms: day(1), to_ms: Math.max(end_ms, cut_ms) };
        const keys = ['up_ms', 'down_ms', 'unknown_ms', 'maintenance_ms'] as const;
        const all = availability(changes, whole, until_ms);
        const [first, second] = [
          availability(changes, { from_ms: whole.from_ms, to_ms: cut_ms }, until_ms),
          availability(changes, { from_ms: cut_ms, to_ms: whole.to_ms }, until_ms),
        ];
        for (const key of keys) expect(first[key] + second[key]).toBe(all[key]);
        expect(keys.reduce((sum, key) => sum + all[key], 0)).toBe(whole.to_ms - whole.from_ms);
      }),
    );
  });
});

describe('the worst', () => {
  it('stand first, those of which nothing is known last, and equal ones by their ids', () => {
    const up = change('up', day(1));
    const changes = new Map([
      ['unseen', []],
      ['b-fine', [up]],
      ['a-fine', [up]],
      ['half', [up, change('down', day(3))]],
      ['gone', [change('unreachable', day(1))]],
      ['worked-on', [change('maintenance', day(1))]],
    ]);
    const span = { from_ms: day(2), to_ms: day(4) };
    expect(worstFirst(changes, span, day(9))).toEqual(['gone', 'half', 'a-fine', 'b-fine', 'unseen', 'worked-on']);
  });
});
