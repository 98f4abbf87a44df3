import { expect, test } from 'vitest';
import { tooFarBehind } from './backlogs.ts';

const MB = 2 ** 20;

test.each([
  ['nobody, while each and all are within bounds', [31, 32, 0], []],
  ['one who is beyond his own', [33, 1], [33]],
  ['the slowest, until all are within bounds', [20, 25, 10, 15], [25]],
  ['as many as it takes', [32, 32, 32, 1], [32, 32]],
])('cut off is %s', (_who, waiting_MB, cut_MB) => {
  const readers = waiting_MB.map((each) => ({ bufferedAmount: each * MB }));
  expect(tooFarBehind(readers).map(({ bufferedAmount }) => bufferedAmount / MB)).toEqual(cut_MB);
});
