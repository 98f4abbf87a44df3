import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circles } from './circles.ts';

describe('circles', () => {
  it('names the nodes of a circle in their order', () => {
    expect(
      circles(
        new Map([
          ['a', ['b']],
          ['b', ['c', 'd']],
          ['c', ['b']],
        ]),
      ),
    ).toEqual([['b', 'c']]);
  });

  it('goes down a chain of 100,000 without a deep stack', () => {
    const chain = new Map(Array.from({ length: 100_000 }, (_, n) => [`${n}`, [`${n + 1}`]]));
    expect(circles(chain)).toEqual([]);
  });

  it('finds one exactly when taking away nodes that point nowhere leaves something', () => {
    const graph = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })), { maxLength: 12 });
    fc.assert(
      fc.property(graph, (edges) => {
        const map = new Map<string, string[]>();
        for (const [from, to] of edges) map.set(`${from}`, [...(map.get(`${from}`) ?? []), `${to}`]);
        const found = circles(map);
        for (const circle of found) {
          for (const [at, node] of circle.entries()) expect(map.get(node)).toContain(circle[(at + 1) % circle.length]);
        }
        let left = edges;
        for (;;) {
          const next = left.filter(([, to]) => left.some(([from]) => from === to));
          if (next.length === left.length) break;
          left = next;
        }
        expect(found.length > 0).toBe(left.length > 0);
      }),
      { numRuns: 2000 },
    );
  });
});
