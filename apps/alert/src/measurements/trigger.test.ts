import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Threshold, Trigger } from './trigger.ts';

const THRESHOLD: Threshold = { begin: 20, end: 5, begin_after_s: 120, end_after_s: 300 };

/** Values of one each minute. */
function states(values: readonly number[], threshold = THRESHOLD): string {
  const trigger = new Trigger();
  return values
    .map((value, minute) => {
      trigger.note(value, threshold, minute * 60_000);
      return trigger.isOn ? '!' : '.';
    })
    .join('');
}

it.each([
  ['stays off below where it begins', [0, 19, 19, 19, 19], '.....'],
  ['goes on when it has lasted', [20, 20, 20, 20], '..!!'],
  ['begins to wait anew where it was less in between', [20, 20, 19, 20, 20, 20], '.....!'],
  ['stays on where it is between both', [20, 20, 20, 6, 6, 6, 6, 6, 6, 6, 6], '..!!!!!!!!!'],
  ['goes off when it has been less for long', [30, 30, 30, 4, 4, 4, 4, 4, 4], '..!!!!!!.'],
  ['stays on where it was more in between', [30, 30, 30, 4, 4, 4, 5, 4, 4, 4, 4, 4, 4], '..!!!!!!!!!!.'],
])('%s', (_, values, expected) => {
  expect(states(values)).toBe(expected);
});

it('switches at once where nothing has to last', () => {
  expect(states([20, 4, 20], { ...THRESHOLD, begin_after_s: 0, end_after_s: 0 })).toBe('!.!');
});

it('does not count what lasted before a pause', () => {
  const trigger = new Trigger();
  trigger.note(30, THRESHOLD, 0);
  trigger.pause();
  expect(trigger.note(30, THRESHOLD, 200_000)).toBe(false);
  expect(trigger.note(30, THRESHOLD, 320_000)).toBe(true);
});

it('is on where the last time it was asked to change for long enough it was asked to go on', () => {
  const value = fc.record({ value: fc.constantFrom(0, 4, 5, 12, 19, 20, 50), after_s: fc.nat(200) });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 60 }), (steps) => {
      const trigger = new Trigger();
      const seen: { value: number; at_s: number }[] = [];
      let [at_s, isOn, changed] = [0, false, 0];
      for (const step of steps) {
        at_s += step.after_s;
        seen.push({ value: step.value, at_s });
        // The newest values in a row that ask for the other state, none of them from before the last change.
        const asks = (each: number): boolean => (isOn ? each < THRESHOLD.end : each >= THRESHOLD.begin);
        const last = seen.findLastIndex((each) => !asks(each.value));
        const first = seen[Math.max(last + 1, changed)];
        const needed_s = isOn ? THRESHOLD.end_after_s : THRESHOLD.begin_after_s;
        if (first !== undefined && at_s - first.at_s >= needed_s) [isOn, changed] = [!isOn, seen.length];
        trigger.note(step.value, THRESHOLD, at_s * 1000);
        expect(trigger.isOn).toBe(isOn);
      }
    }),
    { numRuns: 500 },
  );
});
