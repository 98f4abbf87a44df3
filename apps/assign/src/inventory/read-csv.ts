import { CsvError, parse } from 'csv-parse/sync';
import { PING_KEYS, SNMP_KEYS } from './checks.ts';
import { Complaints } from './complaints.ts';
import { PLACEMENT_KEYS } from './placement.ts';
import type { Entry, Source } from './source.ts';

const PLACEMENTS = PLACEMENT_KEYS.map((key) => `placement.${key}`);
const LISTS = new Set(['addresses', 'address', 'parents', 'tags', 'snmp.interfaces', ...PLACEMENTS]);
const TEXTS = new Set(['id', 'name', 'find', 'snmp.profile', 'ping.family']);
const COLUMNS = [
  ...['id', 'name', 'address', 'addresses', 'find', 'parents', 'tags', 'ping', 'snmp'],
  ...PING_KEYS.map((key) => `ping.${key}`),
  ...SNMP_KEYS.map((key) => `snmp.${key}`),
  ...PLACEMENTS,
];

/** As csv-parse gives it with `info` and `raw` off. */
interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Reads CSV: a row of column names, then one device per row. Comma, semicolon or tab, whichever the first row has. */
export function readCsv(text: string, file: string): Source {
  const complaints = new Complaints();
  // One kind of line end, or those within quotes would be counted twice.
  const rows = parseRows(text.replace(/\r\n?/g, '\n'), complaints);
  const [header, ...records] = rows;
  const lines = new Map<number, number>();
  const columns = header === undefined ? [] : readHeader(header, complaints);
  const entries: Entry[] = [];
  if (header === undefined && complaints.list.length === 0) {
    complaints.error([], 'is empty; give a first row of column names such as "name,address,tags"', 0);
  }
  for (const [index, row] of records.entries()) {
    const line = lastLine(row) - breaksIn(row);
    lines.set(index, line);
    if (row.record.length !== columns.length) {
      const message = `has ${row.record.length} fields and the first row ${columns.length}; make them the same`;
      complaints.error(['devices', index], message, line);
      continue;
    }
    entries.push({ value: readRow(columns, row.record), path: ['devices', index], line });
  }
  return { file, entries, complaints, locate: (paths) => paths.map((path) => lines.get(Number(path[1])) ?? 1) };
}

function parseRows(text: string, complaints: Complaints): Row[] {
  const firstRow = text.slice(0, text.search(/\n|$/));
  const delimiter = [',', ';', '\t'].reduce((best, next) =>
    count(firstRow, next) > count(firstRow, best) ? next : best,
  );
  try {
    return parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      comment: '#',
      comment_no_infix: true,
      record_delimiter: '\n',
      max_record_size: MAX_ROW,
    }) as unknown as Row[];
  } catch (error) {
    const line = error instanceof CsvError && typeof error['lines'] === 'number' ? error['lines'] : 0;
    complaints.error(
      [],
      `is not CSV: ${error instanceof Error ? error.message : String(error)}; check the quotes`,
      line,
    );
    return [];
  }
}

/** A forgotten closing quote makes one row of all the rest: better said early. */
const MAX_ROW = 1_000_000;

function readHeader({ record }: Row, complaints: Complaints): string[] {
  const columns = record.map((name) => name.toLowerCase());
  for (const [index, column] of columns.entries()) {
    if (!COLUMNS.includes(column)) complaints.unknown([column], record[index] ?? '', 'column', COLUMNS, 1);
    else if (columns.indexOf(column) !== index) complaints.error([column], 'is given twice; keep one column', 1);
  }
  return columns;
}

/** Makes of a row what the same device would be in `devices.yaml`. An empty field is one that is not given. */
function readRow(columns: readonly string[], record: readonly string[]): Record<string, unknown> {
  const device: Record<string, unknown> = {};
  const parts: Record<'ping' | 'snmp' | 'placement', Record<string, unknown>> = { ping: {}, snmp: {}, placement: {} };
  for (const [index, column] of columns.entries()) {
    const text = record[index] ?? '';
    if (text === '' || !COLUMNS.includes(column)) continue;
    const value = fieldValue(column, text);
    const [kind, key] = column.split('.');
    if (key === undefined) device[column] = value;
    else if (kind === 'ping' || kind === 'snmp' || kind === 'placement') parts[kind][key] = value;
  }
  for (const kind of ['ping', 'snmp', 'placement'] as const) {
    const own = device[kind];
    if (Object.keys(parts[kind]).length === 0 || own === false) continue;
    device[kind] = { ...(typeof own === 'string' ? { profile: own } : {}), ...parts[kind] };
  }
  return device;
}

function fieldValue(column: string, text: string): unknown {
  if (LISTS.has(column)) {
    const list = text.split(text.includes('|') ? '|' : /\s+/).map((part) => part.trim());
    return column === 'address' && list.length === 1 ? list[0] : list;
  }
  if (TEXTS.has(column)) return text;
  if (/^(true|yes)$/i.test(text)) return true;
  if (/^(false|no)$/i.test(text)) return false;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** csv-parse counts the line on which a record ends. */
function lastLine({ info }: Row): number {
  return info.lines;
}

/** Line breaks within quoted fields. */
function breaksIn({ record }: Row): number {
  return record.reduce((sum, field) => sum + count(field, '\n'), 0);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
