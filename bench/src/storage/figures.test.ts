import { describe, expect, it } from 'vitest';
import { quantiles } from './ask.ts';
import { reported, type Figures } from './figures.ts';

function figures(subject: string, each: number): Figures {
  const kept = { rows: 10, cpu_us: 10 * each, written_bytes: 100 * each, peak_bytes: 1e6 };
  const asked = { times: 20, median_ms: each, slowest_ms: 2 * each };
  return {
    subject,
    played: { ...kept, rest_bytes: 20 * each },
    real: { ...kept, seconds: 180 },
    filled: { rows: 300, rest_bytes: 900 * each },
    ...{ series: asked, worst: asked },
  };
}

describe('what is told of storage', () => {
  const ours: Figures = {
    ...figures('Guaita', 1),
    seriesRaw: { times: 20, median_ms: 40, slowest_ms: 90 },
  };
  const { rows, ratios } = reported([ours, figures('SQLite', 4)]);
  const value = (subject: string, metric: string): number | undefined =>
    rows.find((row) => row.subject === subject && row.metric === metric)?.value;

  it('is by row, under the names of the goals', () => {
    expect(value('SQLite', 'cpu_us_per_row')).toBe(4);
    expect(value('SQLite', 'bytes_per_row')).toBe(8);
    expect(value('SQLite', 'disk_bytes_written_per_row')).toBe(40);
    expect(value('SQLite', 'bytes_per_row of all days')).toBe(12);
  });

  it('tells what is asked of each measurement from what is asked of rollups', () => {
    expect(value('Guaita', 'query_30d_ms')).toBe(40);
    expect(value('Guaita', 'query_30d_ms from rollups')).toBe(1);
    expect(value('SQLite', 'query_30d_ms')).toBe(4);
    expect(value('SQLite', 'query_30d_ms from rollups')).toBeUndefined();
  });

  it('has our figure over that of each other', () => {
    expect(ratios).toEqual({
      cpu_vs_sqlite: 0.25,
      bytes_vs_sqlite: 0.25,
      written_vs_sqlite: 0.25,
      written_in_real_time_vs_sqlite: 0.25,
      query_30d_vs_sqlite: 10,
      query_30d_from_rollups_vs_sqlite: 0.25,
      worst_20_vs_sqlite: 0.25,
    });
  });

  it('has as the median the one in the middle, or the mean of the two', () => {
    expect(quantiles([5, 1, 9])).toEqual({ times: 3, median_ms: 5, slowest_ms: 9 });
    expect(quantiles([5, 1, 9, 6])).toEqual({ times: 4, median_ms: 5.5, slowest_ms: 9 });
  });
});
