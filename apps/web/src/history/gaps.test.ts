import { describe, expect, it } from 'vitest';
import { rhythmOf, withGaps } from './gaps.ts';

describe('a gap', () => {
  it('of single measurements is where several did not come: one may be late', () => {
    const rhythm = rhythmOf([0, 60, 120, 300, 360, 600]);
    expect(rhythm).toMatchObject({ step_s: 60, gap_s: 210 });
    expect(withGaps(rhythm, [[1, 2, 3, 4, 5, 6]])).toEqual([
      [0, 60, 120, 300, 360, 420, 600],
      [1, 2, 3, 4, 5, null, 6],
    ]);
  });

  it('of rollups is each bucket that is not there', () => {
    const hours = [0, 1, 2, 3, 4, 6, 7, 8, 9].map((hour) => hour * 3600);
    const [at_s, values] = withGaps(rhythmOf(hours, '1h'), [hours]);
    expect(at_s).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((hour) => hour * 3600));
    expect(values).toEqual(at_s!.map((at) => (at === 5 * 3600 ? null : at)));
  });

  it('is none between buckets of what is measured more seldom than they are long', () => {
    const seldom = [0, 600, 1200, 1800, 3000, 3600, 4200];
    expect(withGaps(rhythmOf(seldom, '5m'), [])).toEqual([[0, 600, 1200, 1800, 2400, 3000, 3600, 4200]]);
  });

  it('needs two measurements', () => {
    expect(withGaps(rhythmOf([]), [[]])).toEqual([[], []]);
    expect(withGaps(rhythmOf([7], '1d'), [[1]])).toEqual([[7], [1]]);
  });
});
