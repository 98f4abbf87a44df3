import type { ColumnType, Kind } from '../kinds/kind.ts';
import { kinds, type KindName } from '../kinds/kinds.ts';

/** A figure of a bucket: a column of the published schema, and how it is worked out of the measurements. */
export interface Figure {
  readonly name: string;
  readonly type: ColumnType;
  readonly meaning: string;
  /** An aggregate over the columns of the kind. */
  readonly sql: string;
}

/** What is kept of a kind for longer than its measurements. */
export interface Rollup {
  readonly of: Kind;
  /** Columns that tell of which part of the device it is: an interface, a sensor. */
  readonly parts: readonly string[];
  readonly figures: readonly Figure[];
}

/** The kinds of which rollups are kept: what is measured over time. */
export const rolledKinds = ['ping', 'snmp', 'interface', 'sensor'] as const satisfies readonly KindName[];
export type RolledKind = (typeof rolledKinds)[number];

/** How many measurements a bucket is made of: of two that hosts made of one, the fuller is right. */
const MEASUREMENTS: Figure = {
  name: 'measurements',
  type: 'INTEGER',
  meaning: 'how many measurements it is made of',
  sql: 'count(*)',
};

/** Least, mean and greatest of a column: of `in_bps`, `in_min_bps`, `in_avg_bps` and `in_max_bps`. */
function spread(stem: string, unit: string, type: ColumnType): Figure[] {
  const column = [stem, unit].filter((word) => word !== '').join('_');
  return (['min', 'avg', 'max'] as const).map((aggregate) => ({
    name: [stem, aggregate, unit].filter((word) => word !== '').join('_'),
    type,
    meaning: `${{ min: 'least', avg: 'mean', max: 'greatest' }[aggregate]} of \`${column}\``,
    sql: `${aggregate}("${column}")`,
  }));
}

const RTT = 'DECIMAL(9,3)';

/** In one: of each bucket all values are held in memory for them. */
const QUANTILES = 'quantile_cont(rtt_avg_ms, [0.5, 0.95])';

/** Rollups by the kind that they are made of. */
export const rollups: Readonly<Record<RolledKind, Rollup>> = {
  ping: {
    of: kinds.ping,
    parts: [],
    figures: [
      MEASUREMENTS,
      { name: 'down', type: 'INTEGER', meaning: 'probes in which it was down', sql: `count_if(state = 'down')` },
      { name: 'sent', type: 'INTEGER', meaning: 'echo requests sent', sql: 'sum(sent)' },
      { name: 'received', type: 'INTEGER', meaning: 'replies that came in time', sql: 'sum(received)' },
      { name: 'rtt_min_ms', type: RTT, meaning: 'shortest round trip', sql: 'min(rtt_min_ms)' },
      {
        name: 'rtt_avg_ms',
        type: RTT,
        meaning: 'mean of all round trips',
        sql: 'sum(rtt_avg_ms::DOUBLE * received) / nullif(sum(received) FILTER (rtt_avg_ms IS NOT NULL), 0)',
      },
      { name: 'rtt_max_ms', type: RTT, meaning: 'longest round trip', sql: 'max(rtt_max_ms)' },
      {
        name: 'rtt_p50_ms',
        type: RTT,
        meaning: 'median of the probes’ mean round trips',
        sql: `${QUANTILES}[1]`,
      },
      {
        name: 'rtt_p95_ms',
        type: RTT,
        meaning: '95th percentile of the probes’ mean round trips',
        sql: `${QUANTILES}[2]`,
      },
      { name: 'jitter_ms', type: RTT, meaning: 'mean of the probes’ jitter', sql: 'avg(jitter_ms)' },
    ],
  },
  snmp: {
    of: kinds.snmp,
    parts: [],
    figures: [
      MEASUREMENTS,
      ...spread('cpu', 'percent', 'DOUBLE'),
      ...spread('load', '1min', 'DOUBLE'),
      { name: 'memory_total_bytes', type: 'BIGINT', meaning: 'memory that it has', sql: 'max(memory_total_bytes)' },
      {
        name: 'memory_available_min_bytes',
        type: 'BIGINT',
        meaning: 'least memory that programs could still have',
        sql: 'min(memory_available_bytes)',
      },
      {
        name: 'memory_available_avg_bytes',
        type: 'BIGINT',
        meaning: 'mean memory that programs could still have',
        sql: 'avg(memory_available_bytes)',
      },
      { name: 'uptime_s', type: 'DOUBLE', meaning: 'the longest since a restart', sql: 'max(uptime_s)' },
    ],
  },
  interface: {
    of: kinds.interface,
    parts: ['interface'],
    figures: [
      MEASUREMENTS,
      {
        name: 'oper_down',
        type: 'INTEGER',
        meaning: 'polls in which it was wanted up and was not',
        sql: `count_if(admin = 'up' AND oper <> 'up')`,
      },
      { name: 'speed_bps', type: 'BIGINT', meaning: 'its speed', sql: 'max(speed_bps)' },
      ...spread('in', 'bps', 'BIGINT'),
      ...spread('out', 'bps', 'BIGINT'),
      ...spread('in_errors', 'per_s', 'DOUBLE'),
      ...spread('out_errors', 'per_s', 'DOUBLE'),
      ...spread('in_discards', 'per_s', 'DOUBLE'),
      ...spread('out_discards', 'per_s', 'DOUBLE'),
    ],
  },
  sensor: {
    of: kinds.sensor,
    parts: ['source', 'sensor'],
    figures: [
      MEASUREMENTS,
      { name: 'unit', type: 'VARCHAR', meaning: 'of the values', sql: 'any_value(unit)' },
      ...spread('value', '', 'DOUBLE'),
      ...spread('per_s', '', 'DOUBLE'),
    ],
  },
};
