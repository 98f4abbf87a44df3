import { basename } from 'node:path';
import type { Id } from '@guaita/model';
import { QueryError, type Lane } from '../engine/engine.ts';
import type { Store } from '../store.ts';
import { parseSealed } from '../journal/names.ts';
import type { Row, Value } from '../kinds/kind.ts';
import { verdict } from '../kinds/verdict.ts';
import { rowsOf } from '../parts/rows-of.ts';

export interface CarryOverParts {
  readonly store: Store;
  readonly lane: Lane;
  readonly monitor: Id;
}

/**
 * Keeps what is still so of files that are about to be taken away: a device that has been up for three years has said so
 * three years ago, and would be unknown without that.
 *
 * @param going files with verdicts.
 * @returns for how many devices a verdict was kept anew, as it was: while there are any, the files are to stay, since what
 *   is new in the journal may not outlive a loss of power yet.
 */
export async function carryOver({ store, lane, monitor }: CarryOverParts, going: readonly string[]): Promise<number> {
  const sources = await store.sources('verdict', { from_ms: -Infinity, to_ms: Infinity });
  const gone = sources.files.filter((path) => going.includes(path));
  // Another host keeps its own files as long as it likes.
  const stay = sources.files.filter(
    (path) => !going.includes(path) && (parseSealed(basename(path))?.monitor ?? monitor) === monitor,
  );
  try {
    if (gone.length === 0) return 0;
    const last = `SELECT DISTINCT ON (device) * FROM (${rowsOf(verdict, { files: gone, tables: [] })}) ORDER BY device, "at" DESC`;
    const later = `SELECT 1 FROM (${rowsOf(verdict, { files: stay, tables: sources.tables })}) AS stays WHERE stays.device = last.device AND stays."at" >= last."at"`;
    const found = await lane.rows(`SELECT * FROM (${last}) AS last WHERE NOT EXISTS (${later})`);
    store.append(
      'verdict',
      found.map((row): Row =>
        verdict.columns.map(({ name }) => {
          const value = row[name];
          return value instanceof Date ? value.getTime() : (value as Value);
        }),
      ),
    );
    return found.length;
  } catch (error) {
    if (error instanceof QueryError) await store.examine('verdict', sources.files);
    throw error;
  } finally {
    sources.release();
  }
}
