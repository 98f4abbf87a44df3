import { timestamp_ms } from '@guaita/model';

/** How a column is kept: DuckDB’s name of the type, which Parquet has too. */
export type ColumnType = 'VARCHAR' | 'TIMESTAMP' | 'INTEGER' | 'BIGINT' | 'DECIMAL(9,3)' | 'DOUBLE' | 'BOOLEAN';

/** What stands in a column of a row: times are milliseconds since 1970, UTC. */
export type Value = string | number | boolean | null;

/** One column of a published schema. Columns are added at the end as versions go by, never renamed; those may be null. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Left out where the name ends in it, or there is none. */
  readonly unit?: string;
  readonly meaning: string;
}

/** One table of the history: what its rows are, and what makes two of them the same. */
export interface Kind<Name extends string = string> {
  /** Also the folder’s name. */
  readonly name: Name;
  readonly meaning: string;
  readonly columns: readonly Column[];
  /** Rows that agree in all of these are one: several hosts may have kept it. */
  readonly key: readonly string[];
  /** How files are sorted, so that what is asked for together stands together. */
  readonly order: readonly string[];
}

/** A row: a value for each column of its kind, in their order. */
export type Row = readonly Value[];

/** When a message reached this host, and what its topic says. */
export interface Heard {
  /** The monitor that said it; for what is worked out for this broker’s audience, this host’s. */
  readonly monitor: string;
  readonly received_ms: number;
}

/** Columns that measurements have in common. */
export const WHO_AND_WHEN: readonly Column[] = [
  { name: 'monitor', type: 'VARCHAR', meaning: 'the monitor that saw it' },
  { name: 'device', type: 'VARCHAR', meaning: 'the device that it saw' },
  { name: 'at', type: 'TIMESTAMP', unit: 'UTC', meaning: 'when it saw it, by its own clock' },
  {
    name: 'delay_ms',
    type: 'BIGINT',
    meaning: 'how much later it was heard by the host that kept it; below 0 where the monitor’s clock is ahead',
  },
];

/** The values of the columns that measurements have in common. */
export function whoAndWhen(
  { monitor, received_ms }: Heard,
  device: string,
  at: string,
): [string, string, number, number] {
  const at_ms = timestamp_ms(at);
  return [monitor, device, at_ms, received_ms - at_ms];
}
