import { expect, test } from 'vitest';
import { backoff } from './backoff.ts';

function first(count: number, random: number): number[] {
  const pauses = backoff({ first_ms: 100, most_ms: 1000, random: () => random });
  return Array.from({ length: count }, () => pauses.next().value);
}

test('pauses double up to the longest', () => {
  expect(first(6, 0)).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test('chance shortens a pause by up to half', () => {
  expect(first(3, 0.5)).toEqual([75, 150, 300]);
});
