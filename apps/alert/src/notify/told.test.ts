import type { Told } from '@guaita/messages';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareTold, isTold, newerTold, toldAfter } from './told.ts';

const told: fc.Arbitrary<Told> = fc.record({
  ...{ round: fc.integer({ min: 1, max: 3 }), reminders: fc.nat(3), ended: fc.boolean() },
  at: fc.constant('2026-03-02T12:00:00.000Z'),
});

it('is joined to the same in whatever order it is heard, and however often', () => {
  fc.assert(
    fc.property(fc.array(told, { minLength: 1 }), (all) => {
      const join = (each: readonly Told[]) => each.reduce<Told | undefined>(newerTold, undefined);
      expect(join([...all].reverse())).toEqual(join(all));
      expect(join([...all, ...all])).toEqual(join(all));
    }),
  );
});

it('is newer after each step', () => {
  const at = '2026-03-02T12:00:00.000Z';
  const steps = [
    { event: 'begin', round: 1, reminder: 0 },
    { event: 'reminder', round: 1, reminder: 1 },
    { event: 'end', round: 1, reminder: 0 },
    { event: 'begin', round: 2, reminder: 0 },
  ] as const;
  let before: Told | undefined;
  for (const step of steps) {
    const after = toldAfter(step, before, at);
    if (before !== undefined) expect(compareTold(before, after)).toBeLessThan(0);
    expect([isTold(step, before), isTold(step, after)]).toEqual([false, true]);
    before = after;
  }
  expect(before).toEqual({ round: 2, reminders: 0, ended: false, at });
});
