import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyService, service } from './services.testdata.ts';
import { describeConflict, keyOf, sameService, unite, type Holding } from './union.ts';

describe('the union of what all sources have', () => {
  it('is sorted, and has each service once', () => {
    const { services, conflicts } = unite([
      { source: 'own', services: [service('b'), service('a', 22, { type: 'ssh' })] },
      { source: 'swarm', services: [service('b'), service('a')] },
    ]);
    expect(services.map(keyOf)).toEqual(['http/a', 'http/b', 'ssh/a']);
    expect(conflicts).toEqual([]);
  });

  it('has of services with one name that of the first source, and tells of the others', () => {
    const { services, conflicts } = unite([
      { source: 'announcements', services: [service('a', 81)] },
      { source: 'swarm', services: [service('a', 80), service('a', 81)] },
    ]);
    expect(services).toEqual([{ ...service('a', 81), source: 'announcements' }]);
    expect(conflicts.map(describeConflict)).toEqual([
      'several services are http a: that of announcements at 10.0.0.1:81 counts, not that of swarm at 10.0.0.1:80; give them different names',
    ]);
  });

  it('has of one source’s services with one name that with the lowest port', () => {
    const services = [service('a', 100), service('a', 9), service('a', 9, { address: '10.0.0.2' })];
    expect(unite([{ source: 'swarm', services }]).services).toEqual([{ ...service('a', 9), source: 'swarm' }]);
  });

  it('agrees with its specification, in whichever order each source lists what it has', () => {
    const holding = (source: string) =>
      fc.array(anyService, { maxLength: 8 }).map((services) => ({ source, services }));
    fc.assert(
      fc.property(fc.tuple(holding('one'), holding('two'), holding('three')), fc.integer(), (holdings, seed) => {
        const { services, conflicts } = unite(holdings);
        expect(services.map(keyOf)).toEqual([...new Set(all(holdings).map(keyOf))].sort());
        for (const each of services) {
          const first = holdings.find(({ services: own }) => own.some((other) => keyOf(other) === keyOf(each)));
          const rivals = first?.services.filter((other) => keyOf(other) === keyOf(each)) ?? [];
          expect(each.source).toBe(first?.source);
          expect(rivals.some((other) => sameService(other, each))).toBe(true);
          expect(each.port).toBe(Math.min(...rivals.map((other) => other.port)));
          const differs = all(holdings).some((other) => keyOf(other) === keyOf(each) && !sameService(other, each));
          expect(conflicts.some(({ counts }) => keyOf(counts) === keyOf(each))).toBe(differs);
        }
        const shuffled = holdings.map(({ source, services: own }) => ({ source, services: shuffle(own, seed) }));
        expect(unite(shuffled)).toEqual({ services, conflicts });
      }),
    );
  });
});

function all(holdings: readonly Holding[]) {
  return holdings.flatMap(({ services }) => services);
}

function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  const turn = items.length === 0 ? 0 : Math.abs(seed) % items.length;
  const turned = [...items.slice(turn), ...items.slice(0, turn)];
  return seed % 2 === 0 ? turned : turned.reverse();
}
