import { expect, test } from 'vitest';
import { Beginning } from './beginning.ts';

const PATIENCE = [
  { link: 'serf', silence_ms: Infinity },
  { link: 'mqtt', silence_ms: 3_000 },
  { link: 'antidote', silence_ms: 150_000 },
];

test('where others may be it waits for as long as the fastest of them may be silent, and takes devices just before', () => {
  const beginning = new Beginning(PATIENCE, false);
  expect(beginning.takes(0)).toBe(false);
  beginning.begin(1_000);
  expect([beginning.takes(3_499), beginning.decides(3_499)]).toEqual([false, false]);
  expect(beginning.nextDeadline_ms(1_000)).toBe(3_500);
  expect([beginning.takes(3_500), beginning.decides(3_999)]).toEqual([true, false]);
  expect(beginning.nextDeadline_ms(3_500)).toBe(4_000);
  expect(beginning.decides(4_000)).toBe(true);
  expect(beginning.nextDeadline_ms(4_000)).toBe(Infinity);
});

test.each([
  ['with no links', new Beginning([], false)],
  ['where nobody else was ever heard of', new Beginning(PATIENCE, true)],
])('%s it begins at once', (_, beginning) => {
  expect(beginning.decides(5)).toBe(false);
  beginning.begin(5);
  expect([beginning.takes(5), beginning.decides(5)]).toEqual([true, true]);
});
