import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Baseline, KNOWN_AFTER } from './baseline.ts';
import { Mean } from './mean.ts';

describe('what is usual', () => {
  it('is not known before an hour of probes', () => {
    const baseline = new Baseline();
    for (let n = 1; n < KNOWN_AFTER; n += 1) baseline.note(10);
    expect(baseline.isKnown).toBe(false);
    baseline.note(10);
    expect(baseline.isKnown).toBe(true);
    expect(baseline.usual_ms).toBeCloseTo(10);
    expect(baseline.spread).toBeCloseTo(1);
  });

  it('is near the median of what is measured, whatever the spikes', () => {
    const rtts = fc.array(fc.integer({ min: 8_000, max: 12_000 }), { minLength: 600, maxLength: 900 });
    const spikes = fc.record({ each: fc.integer({ min: 4, max: 50 }), from: fc.nat(3) });
    fc.assert(
      fc.property(rtts, spikes, (values, { each, from }) => {
        const baseline = new Baseline();
        values.forEach((value, n) => baseline.note(n % each === from ? 5_000 : value / 1000));
        expect(baseline.usual_ms).toBeGreaterThan(7.9);
        expect(baseline.usual_ms).toBeLessThan(12.5);
        expect(baseline.spread).toBeLessThan(1.5);
      }),
      { numRuns: 100 },
    );
  });

  it('becomes what it is for long, slowly: doubled, in some 700 probes', () => {
    const baseline = new Baseline();
    for (let n = 0; n < 2000; n += 1) baseline.note(10);
    for (let n = 0; n < 300; n += 1) baseline.note(20);
    expect(baseline.usual_ms).toBeLessThan(14);
    for (let n = 0; n < 450; n += 1) baseline.note(20);
    expect(baseline.usual_ms).toBeCloseTo(20);
  });
});

describe('a mean', () => {
  it('is the first value, and then has 63 % of a step after its time', () => {
    const mean = new Mean();
    expect(mean.note(0, 300, 0)).toBe(0);
    expect(mean.note(100, 300, 300_000)).toBeCloseTo(63.2, 1);
  });

  it('is the same whether a value comes once or in parts of the time', () => {
    const [once, often] = [new Mean(), new Mean()];
    once.note(0, 300, 0);
    often.note(0, 300, 0);
    for (let n = 1; n <= 10; n += 1) often.note(50, 300, n * 60_000);
    expect(once.note(50, 300, 600_000)).toBeCloseTo(often.value ?? 0);
  });
});
