import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Id } from '@guaita/model';
import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import type { Day } from '../day.ts';
import type { Disk } from '../disk/disk.ts';
import { QueryError, type Lane } from '../engine/engine.ts';
import { quoted } from '../engine/sql.ts';
import { nextSealedName, ownName } from '../journal/names.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';
import type { Layout } from '../layout.ts';
import type { Leases } from '../leases.ts';
import { together, VerificationError, type Contents, type ParquetFiles, type ParquetPlan } from '../parts/parquet.ts';
import { rowsOf } from '../parts/rows-of.ts';
import { putAside, type Part } from '../parts/part.ts';
import type { Batch } from '../recent/batch.ts';
import type { Retire } from './settle.ts';
import type { Shelf } from './shelf.ts';

/** A day's rows are in a file of `history/` from now on. */
export interface Sealed {
  readonly kind: KindName;
  /** The day on which they were received. */
  readonly day: Day;
  readonly file: string;
  /** Of the earliest and the latest row in it, by `at`. */
  readonly from_ms: number;
  readonly to_ms: number;
}

/** What a sealer is made of. */
export interface SealerParts {
  readonly monitor: Id;
  readonly layout: Layout;
  readonly catalog: Catalog<KindName>;
  readonly disk: Disk;
  readonly lane: Lane;
  readonly parquet: ParquetFiles;
  readonly leases: Leases;
  readonly log: Logger;
  /** Ends the names of parts, with a number. */
  readonly run: string;
  /** Takes a segment away whose rows stand somewhere else. */
  readonly retire: Retire;
}

/**
 * Turns batches into parts and days into sealed files. The new file names what it takes the place of, and only once it is
 * whole, flushed and has its name are those taken away: a crash at any moment leaves what `settle` can tell apart.
 */
export class Sealer {
  readonly #parts: SealerParts;
  #number = 0;

  constructor(parts: SealerParts) {
    this.#parts = parts;
  }

  /** Writes a closed batch as a part. */
  async makePart(shelf: Shelf, batch: Batch, signal: AbortSignal): Promise<void> {
    const { layout, monitor, parquet, run } = this.#parts;
    const { kind, day, segmentNames: replaces } = batch;
    const name = ownName(day, run, ++this.#number, 'parquet');
    const folder = layout.parts(kind.name);
    const path = join(folder, name);
    const notes = { kind: kind.name, monitor, replaces };
    const contents = await parquet.write(
      { ...(await batch.source()), kind, isSorted: false, target: path, notes },
      signal,
    );
    shelf.replace([batch], [], { kind, day, name, path, replaces, contents });
    await this.#takeAway([batch], []);
  }

  /** Writes all rows of a day as one sorted file of `history/`. */
  async seal(shelf: Shelf, day: Day, signal: AbortSignal): Promise<Sealed | undefined> {
    const { kind } = shelf;
    const closed = shelf.closed.filter((batch) => batch.day === day);
    // The database sorts any number of rows that are all in files, and runs out of memory where some are in a table.
    const isLarge = shelf.parts.some((part) => part.day === day);
    for (const batch of closed) await (isLarge ? this.makePart(shelf, batch, signal) : batch.load());
    const batches = isLarge ? [] : closed;
    const ofDay = shelf.parts.filter((part) => part.day === day);
    let parts = ofDay;
    const write = (): Promise<{ path: string; contents: Contents }> => this.#write(shelf, day, batches, parts, signal);
    const { path, contents } = await write().catch(async (error: unknown) => {
      if (!(error instanceof QueryError || error instanceof VerificationError)) throw error;
      parts = await this.#examined(shelf, ofDay, signal);
      if (isDeepStrictEqual(parts, ofDay) || batches.length + parts.length === 0) throw error;
      return write();
    });
    const facts = await this.#parts.disk.stat(path);
    if (facts !== undefined) this.#parts.catalog.put(kind.name, path, facts, contents);
    shelf.replace(batches, parts);
    await this.#takeAway(batches, parts);
    return { kind: kind.name, day, file: path, from_ms: contents.from_ms, to_ms: contents.to_ms };
  }

  async #write(
    { kind }: Shelf,
    day: Day,
    batches: readonly Batch[],
    parts: readonly Part[],
    signal: AbortSignal,
  ): Promise<{ path: string; contents: Contents }> {
    const { catalog, disk, monitor, parquet } = this.#parts;
    const folder = catalog.folderOf(kind.name, day);
    await disk.makeFolder(folder);
    const name = nextSealedName(monitor, await disk.list(folder));
    const path = join(folder, name);
    const replaces = [
      ...batches.flatMap(({ segmentNames }) => segmentNames),
      // A part's segments, too: after a loss of power they may be back when it is gone.
      ...parts.flatMap((part) => [part.name, ...part.replaces]),
    ];
    const contents = await parquet.write(
      {
        kind,
        ...rowsOfAll(kind, batches, parts),
        isSorted: true,
        target: path,
        notes: { kind: kind.name, monitor, replaces },
      },
      signal,
    );
    return { path, contents };
  }

  /** Puts parts aside that cannot be read any more, so that the others are sealed; of those that have changed what they have now. */
  async #examined(shelf: Shelf, parts: readonly Part[], signal: AbortSignal): Promise<Part[]> {
    const { log, parquet } = this.#parts;
    const readable: Part[] = [];
    for (const part of parts) {
      const { contents, path } = part;
      try {
        const found = await parquet.contents(shelf.kind, rowsOfAll(shelf.kind, [], [part]).rows, signal);
        if (contents === undefined || isDeepStrictEqual(found, contents)) {
          readable.push(part);
          continue;
        }
        log.error(
          { file: path, contents, found },
          'rows of history have changed: the disk or the memory may be failing',
        );
        const changed = { ...part, contents: found };
        shelf.replace([], [part], changed);
        readable.push(changed);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        shelf.replace([], [part]);
        await putAside(part, error.message, this.#parts);
      }
    }
    return readable;
  }

  /** What has a new place goes; a table and a part once no query reads it any more, which is not waited for. */
  async #takeAway(batches: readonly Batch[], parts: readonly Part[]): Promise<void> {
    const { disk, lane, leases, log, retire } = this.#parts;
    for (const batch of batches) {
      const { kind, segments, table } = batch;
      await batch.end();
      for (const path of segments) await retire(kind.name, path);
      if (!batch.isMade) continue;
      void leases
        .whenFree(table)
        .then(() => lane.run(`DROP TABLE IF EXISTS ${quoted(table)}`))
        .catch((error: unknown) => log.warn({ err: error, table }, 'a table in memory could not be dropped'));
    }
    const removals = parts.map(async ({ path }) => {
      const free = leases.whenFree(path);
      await free;
      await disk.remove(path);
    });
    void Promise.all(removals).catch((error: unknown) =>
      log.warn({ err: error }, 'a part that is sealed could not be removed; the next start does it'),
    );
  }
}

/** All rows of batches and parts, and what is known of them. */
function rowsOfAll(
  kind: Kind<KindName>,
  batches: readonly Batch[],
  parts: readonly Part[],
): Pick<ParquetPlan, 'rows' | 'known'> {
  const rows = rowsOf(kind, {
    files: parts.map(({ path }) => path),
    tables: batches.map(({ table }) => table),
    areComplete: parts.every(({ contents }) => contents !== undefined),
  });
  const known = parts.flatMap(({ contents }) => contents ?? []);
  return batches.length === 0 && known.length === parts.length ? { rows, known: together(known) } : { rows };
}
