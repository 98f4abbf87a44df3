import { fields, text } from '../network/read.ts';
import { rhythmOf, type Rhythm } from './gaps.ts';

/** A table of one monitor's measurements over time, by column. */
export interface TimeTable extends Rhythm {
  /** A column by the first of several names that is there; empty where none is. */
  readonly column: (...names: readonly string[]) => readonly (number | null)[];
}

/** What the history says of one series. */
export interface Answer {
  readonly byMonitor: ReadonlyMap<string, TimeTable>;
}

/** Reads an answer of `GET /api/series`; what is not as it should be is left out. */
export function readAnswer(value: unknown): Answer {
  const answer = fields(value);
  const columns = Array.isArray(answer?.['columns']) ? answer['columns'].map(nameOf) : [];
  const resolution = text(answer?.['resolution']) ?? '';
  const byMonitor = new Map<string, TimeTable>();
  for (const [monitor, rows] of Object.entries(fields(answer?.['monitors']) ?? {})) {
    if (Array.isArray(rows)) byMonitor.set(monitor, tableOf(columns, rows.filter(Array.isArray), resolution));
  }
  return { byMonitor };
}

/** A column is a name, or an object that has one. */
function nameOf(column: unknown): string {
  if (typeof column === 'string') return column;
  const name = fields(column)?.['name'];
  return typeof name === 'string' ? name : '';
}

function tableOf(columns: readonly string[], rows: readonly (readonly unknown[])[], resolution: string): TimeTable {
  const at = Math.max(0, columns.indexOf('at'));
  const sorted = rows
    .map((row) => ({ row, at_s: seconds(row[at]) }))
    .filter(({ at_s }) => Number.isFinite(at_s))
    .sort((a, b) => a.at_s - b.at_s);
  return {
    ...rhythmOf(
      sorted.map(({ at_s }) => at_s),
      resolution,
    ),
    column: (...names) => {
      const index = names.map((name) => columns.indexOf(name)).find((found) => found >= 0);
      return index === undefined ? [] : sorted.map(({ row }) => number(row[index]));
    },
  };
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A moment is ISO 8601, or milliseconds since 1970. */
function seconds(value: unknown): number {
  return (typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : NaN) / 1000;
}
