import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { isSameValue } from './same-value.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

/** With one zero, as JSON has it. */
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { entries: entries.map(([key, inner]) => [key, inOrder(inner)]) };
}

test('what JSON says alike is the same, and what it says otherwise is not', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(isSameValue(a, JSON.parse(JSON.stringify(a)))).toBe(true);
      expect(isSameValue(a, b)).toBe(JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b)));
    }),
  );
});

test('the order of keys does not matter, which keys there are does', () => {
  expect(isSameValue({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  expect(isSameValue({ a: undefined }, { b: undefined })).toBe(false);
  expect(isSameValue({ constructor: 1 }, { other: 1 })).toBe(false);
  expect(isSameValue([], {})).toBe(false);
});
