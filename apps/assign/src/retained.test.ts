import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diff } from './retained.ts';

const retained: fc.Arbitrary<Map<string, string>> = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('1', '2', '3'))
  .map((entries) => new Map(Object.entries(entries)));

describe('diff', () => {
  it('turns any retained messages into exactly the wanted ones, touching nothing that is right already', () => {
    fc.assert(
      fc.property(retained, retained, (previous, next) => {
        const effects = diff(previous, next);
        const broker = new Map(previous);
        for (const { topic, payload } of effects) {
          expect(broker.get(topic)).not.toBe(payload);
          if (payload === undefined) broker.delete(topic);
          else broker.set(topic, payload);
        }
        expect(Object.fromEntries(broker)).toEqual(Object.fromEntries(next));
        expect(new Set(effects.map(({ topic }) => topic)).size).toBe(effects.length);
      }),
      { numRuns: 5000 },
    );
  });

  it('releases before it takes up', () => {
    expect(diff(new Map([['old', 'x']]), new Map([['new', 'x']]))).toEqual([
      { topic: 'old', payload: undefined },
      { topic: 'new', payload: 'x' },
    ]);
  });
});
