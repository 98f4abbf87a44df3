import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { drawingOdds } from './odds.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

/** By going through every order in which things can be drawn. */
function enumerated(weights: readonly number[], draws: number): number[] {
  const odds = weights.map(() => 0);
  const draw = (chance: number, drawn: readonly number[]): void => {
    if (drawn.length === Math.min(draws, weights.length)) {
      for (const index of drawn) odds[index] = odds[index]! + chance;
      return;
    }
    const left = weights.map((weight, index) => (drawn.includes(index) ? 0 : weight));
    const sum = left.reduce((total, weight) => total + weight, 0);
    for (const [index, weight] of left.entries()) if (weight > 0) draw((chance * weight) / sum, [...drawn, index]);
  };
  draw(1, []);
  return odds;
}

describe('the odds of being drawn', () => {
  it('are what going through every order gives', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 4 }), (given, rounds) => {
        const odds = drawingOdds(given, rounds);
        expect(odds).toHaveLength(rounds);
        for (const [index, chances] of odds.entries()) {
          const expected = enumerated(given, index + 1);
          for (const [at, chance] of chances.entries()) expect(Math.abs(chance - expected[at]!)).toBeLessThan(1e-4);
        }
      }),
    );
  });

  it('add up to the draws, also with weights of every size', () => {
    const weights = [1, 1000, 1_000_000, 20, 5];
    const [, odds = []] = drawingOdds(weights, 2);
    expect(odds.reduce((total, chance) => total + chance, 0)).toBeCloseTo(2, 6);
    for (const [index, chance] of enumerated(weights, 2).entries()) expect(odds[index]).toBeCloseTo(chance, 3);
  });
});
