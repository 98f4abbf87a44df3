import type { WorstBy } from '../http/history-queries.ts';
import type { RolledKind } from '../rollup/rollup.ts';

/** By what things are ranked: a figure over the buckets of a kind. */
export interface Ranking {
  readonly kind: RolledKind;
  /** An aggregate over buckets. */
  readonly value: string;
}

/** Means count each bucket as often as it has measurements. */
function mean(figure: string, weight = 'measurements'): string {
  return `sum(${figure}::DOUBLE * ${weight}) / nullif(sum(${weight}) FILTER (${figure} IS NOT NULL), 0)`;
}

/** The figures that things can be worst by. Of percentiles only the mean over buckets can be told. */
export const rankings: Readonly<Record<WorstBy, Ranking>> = {
  loss: { kind: 'ping', value: '100 * (1 - sum(received) / nullif(sum(sent), 0))' },
  rtt: { kind: 'ping', value: mean('rtt_avg_ms', 'received') },
  rtt_p95: { kind: 'ping', value: mean('rtt_p95_ms') },
  in: { kind: 'interface', value: mean('in_avg_bps') },
  out: { kind: 'interface', value: mean('out_avg_bps') },
  errors: { kind: 'interface', value: mean('(coalesce(in_errors_avg_per_s, 0) + coalesce(out_errors_avg_per_s, 0))') },
};
