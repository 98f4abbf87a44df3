import { expect, it } from 'vitest';
import { readObject, textsIn } from './read-object.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('an object is read as it is', () => {
  expect(readObject(bytes('{"état":{"a":[1]}}'))).toEqual({ état: { a: [1] } });
});

it.each(['', '{', 'null', '7', '"text"', '[]', '{"a":1}}'])('%j holds no object', (text) => {
  expect(readObject(bytes(text))).toBeUndefined();
});

it('what is not UTF-8 holds none either', () => {
  expect(readObject(new Uint8Array([0x7b, 0xff, 0x7d]))).toBeUndefined();
});

it('texts are taken out of lists, and of nothing else', () => {
  expect(textsIn(['a', 7, 'b', null])).toEqual(['a', 'b']);
  for (const other of [undefined, null, 'a', { 0: 'a' }]) expect(textsIn(other)).toEqual([]);
});
