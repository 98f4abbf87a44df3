import type { Column, ColumnType, Kind, Row, Value } from './kind.ts';

/** A column’s name in SQL: `at` is a word of it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** How the journal writes a value of each type, `''` for null: times and whole numbers as whole numbers. */
const written: Readonly<Record<ColumnType, (value: Value) => string>> = {
  VARCHAR: (value) => (typeof value === 'string' ? csvText(value) : ''),
  TIMESTAMP: wholeWithin(253_402_300_799_999), // the end of the year 9999
  INTEGER: wholeWithin(2 ** 31 - 1),
  BIGINT: wholeWithin(Number.MAX_SAFE_INTEGER),
  'DECIMAL(9,3)': (value) => (typeof value === 'number' && Math.abs(value) < 999_999 ? decimal(value) : ''),
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

/** Below 10⁻⁶ JavaScript writes an exponent, which is no decimal. */
function decimal(value: number): string {
  return Math.abs(value) < 0.000_5 ? '0' : String(value);
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

/** `SELECT` of the rows in segments; the query's only parameter, `$segments`, is the list of their paths. */
export function selectFromCsv({ columns }: Kind): string {
  const types = columns.map(({ name, type }) => `'${name}': '${type === 'TIMESTAMP' ? 'BIGINT' : type}'`).join(', ');
  const values = columns.map((column) => fromCsv(column)).join(', ');
  return (
    `SELECT ${values} FROM read_csv($segments, columns = {${types}}, auto_detect = false, header = false, ` +
    `delim = ',', quote = '"', escape = '"', new_line = '\\n', allow_quoted_nulls = false, null_padding = false, ` +
    `strict_mode = true, hive_partitioning = false)`
  );
}

function fromCsv({ name, type }: Column): string {
  return type === 'TIMESTAMP' ? `make_timestamp_ms(${quoted(name)}) AS ${quoted(name)}` : quoted(name);
}

/** The columns as a Parquet file holds them: milliseconds, of which deltas are shorter than of microseconds. */
export function parquetColumns({ columns }: Kind): string {
  return columns
    .map(({ name, type }) => (type === 'TIMESTAMP' ? `${quoted(name)}::TIMESTAMP_MS AS ${quoted(name)}` : quoted(name)))
    .join(', ');
}
