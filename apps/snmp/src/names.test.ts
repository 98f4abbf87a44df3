import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctNames } from './names.ts';

describe('distinct names', () => {
  it('stay as they are when nobody shares them', () => {
    expect([
      ...distinctNames(
        [
          ['1', 'lo'],
          ['2', 'eth0'],
        ],
        'if',
      ).values(),
    ]).toEqual(['lo', 'eth0']);
  });

  it('give every bearer of a shared name its index, and those without a name one of it', () => {
    const names = distinctNames(
      [
        ['1', 'eth'],
        ['2', 'eth'],
        ['3', ''],
        ['4', undefined],
        ['5', '__proto__'],
      ],
      'if',
    );
    expect([...names.values()]).toEqual(['eth#1', 'eth#2', 'if3', 'if4', '__proto__#5']);
  });

  it('are distinct and make an object with a key for each, whatever the agent calls its things', () => {
    const name = fc.oneof(fc.constantFrom('a', 'a#1', 'if2', '', '__proto__', 'constructor', 'a#1#'), fc.string());
    fc.assert(
      fc.property(fc.array(name, { maxLength: 30 }), (list) => {
        const names = distinctNames(
          list.map((text, index) => [String(index), text] as const),
          'if',
        );
        const made = Object.fromEntries([...names.values()].map((text) => [text, 1]));
        expect(Object.keys(made)).toHaveLength(list.length);
        expect(Object.keys(JSON.parse(JSON.stringify(made)) as object)).toHaveLength(list.length);
      }),
    );
  });
});
