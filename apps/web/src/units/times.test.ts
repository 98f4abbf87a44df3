import { expect, it } from 'vitest';
import { age, duration } from './times.ts';

it.each([
  [0, '0 s'],
  [-5000, '0 s'],
  [45_000, '45 s'],
  [200_000, '3 min 20 s'],
  [180_000, '3 min'],
  [7_260_000, '2 h 1 min'],
  [187_200_000, '2 d 4 h'],
  [1_000_000_000, '11 d'],
])('%d ms last %s', (length_ms, words) => {
  expect(duration(length_ms)).toBe(words);
});

it.each([
  [0, 'now'],
  [45_000, '45 s'],
  [61_000, '1 min'],
  [3_700_000, '1 h'],
  [100_000_000, '27 h'],
  [200_000_000, '2 d'],
])('%d ms ago is %s', (ago_ms, words) => {
  expect(age(1e12 - ago_ms, 1e12)).toBe(words);
});
