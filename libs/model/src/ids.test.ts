import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Id, isId, normaliseId } from './ids.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

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
