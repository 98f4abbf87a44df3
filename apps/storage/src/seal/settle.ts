import { join } from 'node:path';
import type { Id } from '@guaita/model';
import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { isDay, type Day } from '../day.ts';
import type { Disk } from '../disk/disk.ts';
import { QueryError } from '../engine/engine.ts';
import { dayOfOwn, parseSealed } from '../journal/names.ts';
import { wholeLines } from '../journal/torn-tail.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';
import type { Layout } from '../layout.ts';
import type { ParquetFiles } from '../parts/parquet.ts';
import { putAside, type Part } from '../parts/part.ts';

/** Takes a segment of the journal away whose rows stand in a file by now, unless somebody else still reads it. */
export type Retire = (kind: KindName, path: string) => Promise<void>;

/** What is to be settled, and with what. */
export interface Settlement {
  readonly monitor: Id;
  readonly layout: Layout;
  readonly catalog: Catalog<KindName>;
  /** The folder `history`. */
  readonly history: string;
  readonly disk: Disk;
  readonly parquet: ParquetFiles;
  readonly log: Logger;
  readonly retire: Retire;
}

/** What an earlier process has left of one kind, each row once. */
export interface Left {
  readonly parts: readonly Part[];
  readonly segments: readonly LeftSegment[];
}

export interface LeftSegment {
  readonly day: Day;
  readonly path: string;
  readonly lines: number;
}

/**
 * Puts in order what a process has left that was killed at any moment: what was being written is taken away, and so is
 * every segment and part whose rows a finished file says that it holds; a torn last line is cut off.
 */
export async function settle(kind: Kind<KindName>, all: Settlement): Promise<Left> {
  const { disk, layout, log } = all;
  await takeAwayUnfinished(kind, all);
  const folder = layout.parts(kind.name);
  const segments = (await disk.list(layout.journal(kind.name))).filter((name) => dayOfOwn(name, 'csv') !== undefined);
  const names = (await disk.list(folder)).filter((name) => dayOfOwn(name, 'parquet') !== undefined);
  const days = new Set([
    ...segments.map((name) => dayOfOwn(name, 'csv')!),
    ...names.map((name) => dayOfOwn(name, 'parquet')!),
  ]);

  const replaced = new Set<string>();
  for (const day of days) {
    for (const path of await ownSealed(kind, day, all)) {
      const names = await replacedBy(path, all);
      // What is torn takes no place: its rows may be nowhere else.
      if (names instanceof QueryError)
        log.warn({ file: path, problem: names.message }, 'a file in the history folder cannot be read');
      else for (const name of names) replaced.add(name);
    }
  }
  const parts: Part[] = [];
  for (const name of names.filter((each) => !replaced.has(each)).sort()) {
    const path = join(folder, name);
    const replaces = await replacedBy(path, all);
    if (replaces instanceof QueryError) {
      await putAside({ name, path }, replaces.message, all);
      continue;
    }
    for (const segment of replaces) replaced.add(segment);
    parts.push({ kind, day: dayOfOwn(name, 'parquet')!, name, path, replaces });
  }
  for (const name of names.filter((each) => replaced.has(each))) await disk.remove(join(folder, name));

  const left: LeftSegment[] = [];
  for (const name of segments.sort()) {
    const path = join(layout.journal(kind.name), name);
    if (replaced.has(name)) await all.retire(kind.name, path);
    else left.push({ day: dayOfOwn(name, 'csv')!, path, lines: await cutTornTail(path, all) });
  }
  return { parts, segments: left };
}

/** Takes away files that were being written: parts and, in the history folder, our own only. */
async function takeAwayUnfinished(
  kind: Kind<KindName>,
  { disk, history, layout, monitor, parquet }: Settlement,
): Promise<void> {
  await parquet.removeUnfinished(layout.parts(kind.name));
  for (const day of await disk.list(join(history, kind.name))) {
    if (isDay(day)) await parquet.removeUnfinished(join(history, kind.name, day), monitor);
  }
}

async function ownSealed(kind: Kind<KindName>, day: Day, { catalog, disk, monitor }: Settlement): Promise<string[]> {
  const folder = catalog.folderOf(kind.name, day);
  const names = await disk.list(folder);
  return names.filter((name) => parseSealed(name)?.monitor === monitor).map((name) => join(folder, name));
}

/** What a file takes the place of; what is wrong with it, where it is torn. */
async function replacedBy(path: string, { parquet }: Settlement): Promise<readonly string[] | QueryError> {
  try {
    return (await parquet.notes(path))?.replaces ?? [];
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
}

/** @returns how many lines are left. */
async function cutTornTail(path: string, { disk, log }: Settlement): Promise<number> {
  const bytes = await disk.read(path);
  const { lines, size_bytes } = wholeLines(bytes);
  if (size_bytes < bytes.length) {
    log.warn(
      { file: path, cut_bytes: bytes.length - size_bytes, lines },
      'a journal ended within a line, which was cut off',
    );
    await disk.truncate(path, size_bytes);
  } else {
    // Who wrote it may have been killed before it flushed its last lines.
    await disk.sync(path);
  }
  return lines;
}
