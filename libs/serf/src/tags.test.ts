import { expect, test } from 'vitest';
import { changedTags, encodedTags_bytes, sameTags } from './tags.ts';

const tags = (record: Record<string, string>) => new Map(Object.entries(record));

test('a change leaves what it does not name, and sets what it both deletes and sets', () => {
  const before = tags({ a: '1', b: '2', c: '3' });
  const after = changedTags(before, { set: { b: 'x', d: '' }, delete: ['b', 'c', 'none'] });
  expect(after).toEqual(tags({ a: '1', b: 'x', d: '' }));
  expect(before).toEqual(tags({ a: '1', b: '2', c: '3' }));
  expect(changedTags(before, {})).toEqual(before);
});

test('tags are the same in any order', () => {
  expect(sameTags(tags({ a: '1', b: '2' }), tags({ b: '2', a: '1' }))).toBe(true);
  expect(sameTags(tags({ a: '1' }), tags({ a: '1', b: '' }))).toBe(false);
  expect(sameTags(tags({ a: '1' }), tags({ b: '1' }))).toBe(false);
});

test.each<[string, [string, string][], number]>([
  ['none', [], 2],
  ['texts of less than 32 bytes have one byte before them', [['a', 'x'.repeat(31)]], 2 + 2 + 32],
  ['longer ones three', [['a', 'x'.repeat(32)]], 2 + 2 + 35],
  ['also those that MessagePack has a shorter form for today', [['a', 'x'.repeat(255)]], 2 + 2 + 258],
  ['letters are counted in UTF-8', [['ö', '€']], 2 + 3 + 4],
  ['fifteen', Array.from({ length: 15 }, (_, i) => [`${i % 10}`, '']), 2 + 15 * 3],
  ['sixteen have a longer count before them', Array.from({ length: 16 }, (_, i) => [`${i % 10}`, '']), 4 + 16 * 3],
])('bytes of tags: %s', (_, entries, bytes) => {
  expect(encodedTags_bytes(entries)).toBe(bytes);
});
