import { expect, it } from 'vitest';
import { shown } from './shown.ts';

const circle: Record<string, unknown> = {};
circle['self'] = circle;

it.each([
  [undefined, 'undefined'],
  [null, 'null'],
  ['a"b', '"a\\"b"'],
  [{ a: [1] }, '{"a":[1]}'],
  [circle, 'an object that holds itself or what JSON cannot hold'],
  [7n, 'an object that holds itself or what JSON cannot hold'],
])('%o is shown', (value, text) => {
  expect(shown(value)).toBe(text);
});

it('of what is long the beginning is', () => {
  expect(shown('x'.repeat(10_000_000))).toBe(`"${'x'.repeat(99)}…`);
});
