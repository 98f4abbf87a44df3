import { expect, test } from 'vitest';
import { readDuration } from './duration.ts';

test.each([
  ['90s', 90],
  ['30m', 1800],
  ['2h', 7200],
  ['1h30m', 5400],
  ['1.5h', 5400],
  ['3d', 259_200],
  ['1w', 604_800],
])('%s is %d seconds', (text, seconds) => {
  expect(readDuration(text)).toBe(seconds * 1000);
});

test.each(['', '2', 'h', '2 h', '-2h', '0s', '2h later', '2H', `${'9'.repeat(400)}s`])('%j is no duration', (text) => {
  expect(readDuration(text)).toBeUndefined();
});
