import { quoted } from '../engine/sql.ts';
import type { Column, ColumnType, Kind, Row, Value } from './kind.ts';

const thousandths = wholeWithin(999_999_999);

/** How the journal writes a value of each type, `''` for null: times in ms and decimals in thousandths, as whole numbers. */
const written: Readonly<Record<ColumnType, (value: Value) => string>> = {
  VARCHAR: (value) => (typeof value === 'string' ? csvText(value) : ''),
  TIMESTAMP: wholeWithin(253_402_300_799_999), // the end of the year 9999
  INTEGER: wholeWithin(2 ** 31 - 1),
  BIGINT: wholeWithin(Number.MAX_SAFE_INTEGER),
  'DECIMAL(9,3)': (value) => (typeof value === 'number' ? thousandths(value * 1000) : ''),
  DOUBLE: (value) => (typeof value === 'number' && Number.isFinite(value) ? String(value) : ''),
  BOOLEAN: (value) => (typeof value === 'boolean' ? String(value) : ''),
};

function wholeWithin(max: number): (value: Value) => string {
  return (value) => {
    if (typeof value !== 'number') return '';
    const whole = Math.round(value);
    return Math.abs(whole) <= max ? String(whole) : '';
  };
}

function csvText(text: string): string {
  if (text === '') return '""';
  return /[",\n\r ]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A row as one line of a segment of the journal, its end included. What its column cannot hold (a round trip of an hour,
 * a number of 10¹⁹) is left out, so that one value from outside never keeps the other rows from being read.
 */
export function csvLine({ columns }: Kind, row: Row): string {
  let line = '';
  for (let index = 0; index < columns.length; index++) {
    line += (index === 0 ? '' : ',') + written[columns[index]!.type](row[index] ?? null);
  }
  return `${line}\n`;
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
