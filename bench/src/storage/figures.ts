import type { BenchResult, Row } from '../report.ts';
import type { Asked } from './ask.ts';
import type { Kept } from './embedded.ts';

/** What was measured of one store. */
export interface Figures {
  readonly subject: string;
  /** A day, row by row as they are heard, faster than in life. */
  readonly played: Kept & {
    readonly rest_bytes: number;
    /** Of a row, of our whole service that hears it over MQTT. */
    readonly heard_cpu_us?: number;
  };
  /** Some time in as long as it takes. */
  readonly real: Kept & { readonly seconds: number };
  /** All days. */
  readonly filled: { readonly rows: number; readonly rest_bytes: number };
  /** One device’s graph over all days. */
  readonly series: Asked;
  /** The same with rollups left out, where there are any. */
  readonly seriesRaw?: Asked;
  readonly worst: Asked;
}

/** The figures of all, ours first, and what ours come to beside each of the others. */
export function reported(all: readonly Figures[]): BenchResult {
  const [ours, ...peers] = all;
  return {
    rows: all.flatMap((each) => rowsOf(each)),
    ratios:
      ours === undefined
        ? {}
        : (Object.assign({}, ...peers.map((peer) => ratiosOf(ours, peer))) as Record<string, number>),
  };
}

function rowsOf({ subject, played, real, filled, series, seriesRaw, worst }: Figures): Row[] {
  const row = (metric: string, value: number, unit: string): Row => ({ subject, metric, value, unit });
  const asked = (metric: string, { median_ms, slowest_ms, times }: Asked): Row[] => [
    row(metric, median_ms, 'ms'),
    row(`${metric}, the slowest of ${times}`, slowest_ms, 'ms'),
  ];
  return [
    row('rows of a day, played', played.rows, 'rows'),
    row('cpu_us_per_row', played.cpu_us / played.rows, 'µs'),
    ...(played.heard_cpu_us === undefined ? [] : [row('cpu_us_per_row, heard over MQTT', played.heard_cpu_us, 'µs')]),
    row('bytes_per_row', played.rest_bytes / played.rows, 'bytes'),
    row('disk_bytes_written_per_row', played.written_bytes / played.rows, 'bytes'),
    row(`disk_bytes_written_per_row, ${real.seconds} s in real time`, real.written_bytes / real.rows, 'bytes'),
    row('memory at most', played.peak_bytes / 1e6, 'MB'),
    row('rows of all days', filled.rows, 'rows'),
    row('bytes_per_row of all days', filled.rest_bytes / filled.rows, 'bytes'),
    ...asked('query_30d_ms', seriesRaw ?? series),
    ...(seriesRaw === undefined ? [] : asked('query_30d_ms from rollups', series)),
    ...asked('worst_20_ms', worst),
  ];
}

function ratiosOf(ours: Figures, peer: Figures): Record<string, number> {
  const name = peer.subject.toLowerCase();
  const perRow = (of: (figures: Figures) => { bytes: number; rows: number }): number =>
    of(ours).bytes / of(ours).rows / (of(peer).bytes / of(peer).rows);
  return {
    [`cpu_vs_${name}`]: perRow(({ played }) => ({ bytes: played.cpu_us, rows: played.rows })),
    [`bytes_vs_${name}`]: perRow(({ filled }) => ({ bytes: filled.rest_bytes, rows: filled.rows })),
    [`written_vs_${name}`]: perRow(({ played }) => ({ bytes: played.written_bytes, rows: played.rows })),
    [`written_in_real_time_vs_${name}`]: perRow(({ real }) => ({ bytes: real.written_bytes, rows: real.rows })),
    [`query_30d_vs_${name}`]: (ours.seriesRaw ?? ours.series).median_ms / peer.series.median_ms,
    [`query_30d_from_rollups_vs_${name}`]: ours.series.median_ms / peer.series.median_ms,
    [`worst_20_vs_${name}`]: ours.worst.median_ms / peer.worst.median_ms,
  };
}
