import { quoted } from '../engine/sql.ts';
import { Lines } from '../journal/lines.ts';
import type { Column, ColumnType, Kind, Row, Value } from './kind.ts';

const COMMA = 0x2c;
const LINE_FEED = 0x0a;

/** Writes a value as its column's type wants it; nothing for what that cannot hold. */
type WriteValue = (value: Value, lines: Lines) => void;

/** Columns hold numbers that are no larger, either side of 0. */
function whole(most: number, scale = 1): WriteValue {
  return (value, lines) => {
    if (typeof value !== 'number') return;
    const rounded = Math.round(value * scale);
    if (Math.abs(rounded) <= most) lines.whole(rounded);
  };
}

const writers: Readonly<Record<ColumnType, WriteValue>> = {
  VARCHAR: (value, lines) => {
    if (typeof value === 'string') lines.field(value);
  },
  /** Up to the end of the year 9999. */
  TIMESTAMP: whole(253_402_300_799_999),
  INTEGER: whole(2 ** 31 - 1),
  BIGINT: whole(Number.MAX_SAFE_INTEGER),
  'DECIMAL(9,3)': whole(999_999_999, 1000),
  DOUBLE: (value, lines) => {
    if (typeof value === 'number' && Number.isFinite(value)) lines.field(String(value));
  },
  BOOLEAN: (value, lines) => {
    if (typeof value === 'boolean') lines.field(String(value));
  },
};

/** Writes a row as one line, its end included. */
export type WriteLine = (row: Row, lines: Lines) => void;

/**
 * What writes a kind's rows as lines of a segment of the journal: times in ms and decimals in thousandths, as whole
 * numbers, and nothing for null. What its column cannot hold (a round trip of an hour, a number of 10¹⁹) is left out, so
 * that one value from outside never keeps the other rows from being read.
 */
export function lineWriter({ columns }: Kind): WriteLine {
  const write = columns.map(({ type }) => writers[type]);
  return (row, lines) => {
    for (let index = 0; index < write.length; index++) {
      if (index > 0) lines.character(COMMA);
      write[index]!(row[index] ?? null, lines);
    }
    lines.character(LINE_FEED);
  };
}

/** What makes a text of each row: its line. */
export function csvLine(kind: Kind): (row: Row) => string {
  const write = lineWriter(kind);
  return (row) => {
    const lines = new Lines(256);
    write(row, lines);
    return lines.bytes.toString();
  };
}

/** The columns of a table, for `CREATE TABLE`. */
export function tableColumns({ columns }: Kind): string {
  return columns.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ');
}

/** Of texts of 500 characters no row has more than a few; the database keeps a buffer of many such lines for itself. */
const LINE_MAX_bytes = 64 * 1024;

/**
 * `SELECT` of the rows in segments; the query's only parameter, `$segments`, is the list of their paths. Columns that an
 * earlier version did not write are null; what is no row is passed over.
 */
export function selectFromCsv({ columns }: Kind): string {
  const types = columns.map(({ name, type }) => `'${name}': '${journalTypes[type] ?? type}'`).join(', ');
  const values = columns.map((column) => fromCsv(column)).join(', ');
  return (
    `SELECT ${values} FROM read_csv($segments, columns = {${types}}, auto_detect = false, header = false, ` +
    `delim = ',', quote = '"', escape = '"', new_line = '\\n', allow_quoted_nulls = false, null_padding = true, ` +
    `ignore_errors = true, max_line_size = ${LINE_MAX_bytes}, buffer_size = ${16 * LINE_MAX_bytes}, hive_partitioning = false)`
  );
}

/** Types that stand in the journal as others. */
const journalTypes: Partial<Record<ColumnType, string>> = { TIMESTAMP: 'BIGINT', 'DECIMAL(9,3)': 'INTEGER' };

function fromCsv({ name, type }: Column): string {
  const column = quoted(name);
  if (type === 'TIMESTAMP') return `make_timestamp_ms(${column}) AS ${column}`;
  if (type === 'DECIMAL(9,3)') return `(${column} * 0.001)::${type} AS ${column}`;
  return column;
}

/** The columns as a Parquet file holds them: milliseconds, of which deltas are shorter than of microseconds. */
export function parquetColumns({ columns }: Kind): string {
  return columns
    .map(({ name, type }) => (type === 'TIMESTAMP' ? `${quoted(name)}::TIMESTAMP_MS AS ${quoted(name)}` : quoted(name)))
    .join(', ');
}

/** A line of a segment, its end left out, as the row that it was written of. */
export function rowOfLine({ columns }: Kind, line: string): Row {
  const fields = line.includes('"') ? quotedFields(line) : line.split(',').map((text) => ({ text, isQuoted: false }));
  return columns.map(({ type }, index) => {
    const { text = '', isQuoted = false } = fields[index] ?? {};
    if (text === '' && !isQuoted) return null;
    if (type === 'VARCHAR') return text;
    if (type === 'DECIMAL(9,3)') return Number(text) / 1000;
    return type === 'BOOLEAN' ? text === 'true' : Number(text);
  });
}

function quotedFields(line: string): { text: string; isQuoted: boolean }[] {
  return [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, inner, plain = '']) =>
    inner === undefined ? { text: plain, isQuoted: false } : { text: inner.replaceAll('""', '"'), isQuoted: true },
  );
}
