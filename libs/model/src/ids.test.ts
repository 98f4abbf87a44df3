import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Id, isId, normaliseId, normaliseIds } from './ids.ts';

describe('normaliseId', () => {
  it.each([
    ['router-1.lan', 'router-1.lan'],
    ['Switch Planta 2', 'switch-planta-2'],
    ['BCNÀvila/Àtic', 'bcnavila-atic'],
    ['guaita/monitor/#', 'guaita-monitor'],
    ['$SYS', 'sys'],
    ['../etc/passwd', 'etc-passwd'],
    ['x'.repeat(80), 'x'.repeat(63)],
  ])('makes of %j the id %j', (name, id) => {
    expect(normaliseId(name)).toBe(id);
  });

  it('gives nothing where nothing of the name can stand in an id', () => {
    expect(normaliseId('')).toBeUndefined();
    expect(normaliseId('¿?')).toBeUndefined();
  });

  it('gives an id or nothing, and leaves ids as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
        const id = normaliseId(name);
        if (id === undefined) return;
        expect(isId(id)).toBe(true);
        expect(Id.safeParse(id).success).toBe(true);
        expect(normaliseId(id)).toBe(id);
      }),
      { numRuns: 50_000 },
    );
  });
});

describe('normaliseIds', () => {
  it('reports names that would share an id instead of letting one take the other’s place', () => {
    const { ids, collisions, unusable } = normaliseIds(['AP 1', 'ap-1', 'ap-2', '??', 'ap-2']);
    expect([...ids]).toEqual([['ap-2', 'ap-2']]);
    expect(collisions).toEqual([{ id: 'ap-1', names: ['AP 1', 'ap-1'] }]);
    expect(unusable).toEqual(['??']);
  });

  it('puts every name in exactly one place, and gives every id once', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'A', ' ', '-', '?') })), (names) => {
        const { ids, collisions, unusable } = normaliseIds(names);
        const placed = [...ids.keys(), ...collisions.flatMap((collision) => collision.names), ...unusable];
        expect(placed.sort()).toEqual([...new Set(names)].sort());
        expect(new Set(ids.values()).size).toBe(ids.size);
      }),
    );
  });
});
