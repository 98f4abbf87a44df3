import { expect, test } from 'vitest';
import { text } from './read.ts';

test.each([
  ['a', 'a'],
  ['a\uD800b', 'a\uFFFDb'],
  [`${'x'.repeat(999)}😀`, `${'x'.repeat(999)}\uFFFD`],
  [5, undefined],
])('the text of %j can stand in an address', (value, read) => {
  expect(text(value)).toBe(read);
  expect(() => encodeURIComponent(text(value) ?? '')).not.toThrow();
});
