import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSameValue } from './same-value.ts';

test('what JSON says alike is the same, and what it says otherwise is not', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
      expect(isSameValue(a, JSON.parse(JSON.stringify(a)))).toBe(true);
      // JSON knows one zero only.
      if (!/-0/.test(`${String(a)}${String(b)}`))
        expect(isSameValue(a, b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test('the order of keys does not matter, which keys there are does', () => {
  expect(isSameValue({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  expect(isSameValue({ a: undefined }, { b: undefined })).toBe(false);
  expect(isSameValue({ constructor: 1 }, { other: 1 })).toBe(false);
  expect(isSameValue([], {})).toBe(false);
});
