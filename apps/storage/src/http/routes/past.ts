import type { Id } from '@guaita/model';
import { z } from 'zod';
import type { DeviceBook } from '../device-book.ts';
import type { HistoryQueries } from '../history-queries.ts';
import { HttpProblem } from '../problem.ts';
import { jsonOf, type Cell, type Table } from '../table.ts';
import type { Answer } from './route.ts';

/** What the routes that tell what was are made of. */
export interface Past {
  readonly history: HistoryQueries;
  readonly book: DeviceBook;
  readonly now_ms: () => number;
}

const Moment = z.iso.datetime({ offset: true, error: 'is no moment; give one like 2026-11-23T10:00:00Z' });

/** What each of them takes: of which time, and in which form. */
export const spanShape = {
  from: Moment.optional().describe('ISO 8601; a day before `to` by default'),
  to: Moment.optional().describe('ISO 8601, not part of the span; now by default'),
  format: z.enum(['json', 'csv']).optional().describe('before what `Accept` says'),
};

/** What else may come of each of them. */
export const LATE = { 504: 'It takes longer than 30 s: the span is too long' };

/** Rows as objects, each field by the name of its column. */
export const Rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])));

/** Rows under a name, as `Rows` describes them, or as a table. */
export function tableAs(name: string, table: Table): Answer {
  return { table, json: jsonOf(name, table) };
}

/**
 * Waits for the first row. A device that is gone has a history all the same; one of which nothing is known was mistyped.
 *
 * @param tells the column without which a row tells nothing; any row tells something by default.
 */
export async function known<Found extends Table>(
  book: DeviceBook,
  device: Id | undefined,
  found: Found,
  tells?: string,
): Promise<Found> {
  const rows = await begun(found, device === undefined ? undefined : tells);
  if (device !== undefined && rows.empty && !book.has(device)) {
    throw new HttpProblem(
      404,
      `device "${device}" is not known, and nothing was seen of it then; look at /api/devices`,
    );
  }
  return { ...found, rows };
}

/** Rows that have been read up to the first that tells something, so that it is known whether there is any. */
async function begun(
  { columns, rows }: Table,
  tells: string | undefined,
): Promise<AsyncIterable<readonly Cell[]> & { readonly empty: boolean }> {
  const iterator = (async function* () {
    yield* rows;
  })();
  const read: (readonly Cell[])[] = [];
  let empty = true;
  while (empty) {
    const next = await iterator.next();
    if (next.done === true) break;
    read.push(next.value);
    empty = tells !== undefined && next.value[columns.indexOf(tells)] === null;
  }
  return {
    empty,
    async *[Symbol.asyncIterator]() {
      yield* read;
      yield* iterator;
    },
  };
}
