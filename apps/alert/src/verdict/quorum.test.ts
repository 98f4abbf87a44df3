import type { Vote } from '@guaita/model';
import { expect, test } from 'vitest';
import { type Quorum, type Tally, tally } from './quorum.ts';

/** `u`: up, `d`: down, in capitals when the vote does not count. */
function votes(text: string): Vote[] {
  return Array.from(text, (letter, n) => ({
    monitor: `m${n}`,
    sees: letter.toLowerCase() === 'd' ? 'down' : 'answering',
    counts: letter === letter.toLowerCase(),
  }));
}

const TABLE: readonly (readonly [Quorum, string, Tally])[] = [
  ['majority', '', 'unknown'],
  ['majority', 'u', 'up'],
  ['majority', 'd', 'down'],
  ['majority', 'uu', 'up'],
  ['majority', 'ud', 'disputed'],
  ['majority', 'dd', 'down'],
  ['majority', 'uuu', 'up'],
  ['majority', 'uud', 'disputed'],
  ['majority', 'udd', 'down'],
  ['majority', 'ddd', 'down'],
  ['majority', 'U', 'unknown'],
  ['majority', 'D', 'unknown'],
  ['majority', 'uD', 'up'],
  ['majority', 'uDD', 'up'],
  ['majority', 'dU', 'down'],
  ['majority', 'dUU', 'down'],
  ['majority', 'udD', 'disputed'],
  ['any', 'uud', 'down'],
  ['any', 'uuu', 'up'],
  ['all', 'udd', 'disputed'],
  ['all', 'ddd', 'down'],
  [2, 'uud', 'disputed'],
  [2, 'udd', 'down'],
  [2, 'd', 'down'],
  [3, 'udd', 'disputed'],
];

test.each(TABLE)('by %s, %j is %s', (quorum, text, state) => {
  expect(tally(votes(text), quorum)).toBe(state);
});
