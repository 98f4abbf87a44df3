import type { Samples } from '../network/samples.ts';
import { rhythmOf, type Rhythm } from './gaps.ts';
import type { TimeTable } from './table.ts';

type Values = readonly (number | null)[];

/** One monitor's round trips and losses over time. What is not known of a time is `null`. */
export interface Latency extends Rhythm {
  readonly min_ms: Values;
  readonly median_ms: Values;
  readonly p95_ms: Values;
  readonly max_ms: Values;
  readonly loss_percent: Values;
}

/** From the history: of single probes their least, mean and greatest round trip, of longer times their percentiles. */
export function latencyOf(table: TimeTable): Latency {
  const average = table.column('rtt_avg_ms');
  const median = table.column('rtt_p50_ms');
  const greatest = table.column('rtt_max_ms');
  const p95 = table.column('rtt_p95_ms');
  return {
    ...{ at_s: table.at_s, step_s: table.step_s, gap_s: table.gap_s },
    min_ms: table.column('rtt_min_ms'),
    median_ms: median.length > 0 ? median : average,
    p95_ms: p95.length > 0 ? p95 : greatest,
    max_ms: greatest,
    loss_percent: lossOf(table),
  };
}

function lossOf(table: TimeTable): Values {
  const given = table.column('loss_percent');
  if (given.length > 0) return given;
  const received = table.column('received');
  return table.column('sent').map((sent, index) => {
    const back = received[index];
    return sent === null || sent === 0 || back === null || back === undefined ? null : ((sent - back) / sent) * 100;
  });
}

/** From what was heard since the page was opened. */
export function latencyHeard(samples: Samples): Latency {
  const all = [...samples];
  const rtts = all.map(({ rtt_ms }) => (Number.isNaN(rtt_ms) ? null : rtt_ms));
  return {
    ...rhythmOf(all.map(({ at_ms }) => at_ms / 1000)),
    ...{ min_ms: rtts, median_ms: rtts, p95_ms: rtts, max_ms: rtts },
    loss_percent: all.map(({ loss_percent }) => loss_percent),
  };
}
