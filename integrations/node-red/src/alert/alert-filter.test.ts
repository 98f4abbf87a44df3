import { describe, expect, it } from 'vitest';
import { wordsOf } from '../words.ts';
import { wants, type Wanted } from './alert-filter.ts';

const ANY: Wanted = { severities: [], kinds: [], tags: [], subjects: [], phase: 'both' };
const ALERT = { severity: 'critical', kind: 'down', subject: 'gateway', tags: ['backbone', 'wifi'], resolves: false };

describe('which alerts are wanted', () => {
  it.each<[string, Partial<Wanted>, object, boolean]>([
    ['nothing is chosen', {}, {}, true],
    ['its severity is chosen', { severities: ['critical', 'info'] }, {}, true],
    ['its severity is not', { severities: ['info'] }, {}, false],
    ['its kind is chosen', { kinds: ['down'] }, {}, true],
    ['its kind is not', { kinds: ['flapping'] }, {}, false],
    ['one of its tags is chosen', { tags: ['wifi', 'attic'] }, {}, true],
    ['none of its tags is', { tags: ['attic'] }, {}, false],
    ['it has no tags, and one is chosen', { tags: ['attic'] }, { tags: undefined }, false],
    ['its subject is chosen', { subjects: ['gateway'] }, {}, true],
    ['its subject is not', { subjects: ['attic-ap'] }, {}, false],
    ['it begins, and ends are chosen', { phase: 'end' }, {}, false],
    ['it ends, and ends are chosen', { phase: 'end' }, { resolves: true }, true],
    ['it ends, and beginnings are chosen', { phase: 'begin' }, { resolves: true }, false],
    ['one thing fits and another does not', { kinds: ['down'], tags: ['attic'] }, {}, false],
    ['it is of a kind and severity that we do not know', {}, { kind: 'new', severity: 'newer' }, true],
    ['its fields are of odd types, and something is chosen', { tags: ['7'] }, { tags: 7, severity: {} }, false],
  ])('%s', (_, wanted, fields, expected) => {
    expect(wants({ ...ANY, ...wanted }, { ...ALERT, ...fields })).toBe(expected);
  });
});

it('words of a dialog are separated by commas and blanks', () => {
  expect(wordsOf(' wifi,backbone  attic ,')).toEqual(['wifi', 'backbone', 'attic']);
  expect(wordsOf('  ')).toEqual([]);
});
