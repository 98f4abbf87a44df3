import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { exponentialOfMinus, negativeLog } from './logarithm.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const hash = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: 0, max: 31 }).map((bit) => (1 << bit) >>> 0),
);

describe('the logarithm', () => {
  it('is that of the engine but for its last digits', () => {
    fc.assert(
      fc.property(hash, (value) => {
        const engine = -Math.log((value + 0.5) / 4294967296);
        expect(Math.abs(negativeLog(value) - engine)).toBeLessThanOrEqual(1e-14 * Math.max(1, engine));
      }),
    );
  });

  it('is never under the bare distance from the greatest hash, by which most are passed over', () => {
    fc.assert(
      fc.property(fc.oneof(hash, fc.integer({ min: 0xfffff000, max: 0xffffffff })), (value) => {
        expect(negativeLog(value)).toBeGreaterThanOrEqual(((4294967295.5 - value) / 4294967296) * (1 - 1e-6));
      }),
      { numRuns: 2000 },
    );
  });

  it('has the same bits as when this was written', () => {
    expect([0, 1, 12345, 0x80000000, 0xfffffffe, 0xffffffff].map(negativeLog)).toMatchInlineSnapshot(`
      [
        22.873856958478193,
        21.775244669810082,
        12.75966287473154,
        0.6931471803271146,
        3.49245945802535e-10,
        1.1641531597224308e-10,
      ]
    `);
  });
});

describe('the exponential', () => {
  it('is that of the engine but for its last digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 600, noNaN: true }), (x) => {
        const engine = Math.exp(-x);
        expect(Math.abs(exponentialOfMinus(x) - engine)).toBeLessThanOrEqual(1e-11 * engine);
      }),
    );
    expect(exponentialOfMinus(1000)).toBe(0);
  });
});
