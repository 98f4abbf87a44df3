import { join } from 'node:path';
import type { Id } from '@guaita/model';
import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { isDay, type Day } from '../day.ts';
import type { Disk } from '../disk/disk.ts';
import { QueryError } from '../engine/engine.ts';
import { dayOfOwn, finishedName, parseSealed } from '../journal/names.ts';
import { wholeLines } from '../journal/torn-tail.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';
import type { Layout } from '../layout.ts';
import type { ParquetFiles } from '../parts/parquet.ts';
import type { Part } from '../parts/part.ts';

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
  const { disk, layout } = all;
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
      for (const name of await replacedBy(path, all)) replaced.add(name);
    }
  }
  const parts: Part[] = [];
  for (const name of names.filter((each) => !replaced.has(each)).sort()) {
    const replaces = await replacedByPart(join(folder, name), name, all);
    if (replaces === undefined) continue;
    for (const segment of replaces) replaced.add(segment);
    parts.push({ kind, day: dayOfOwn(name, 'parquet')!, name, path: join(folder, name), replaces });
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

/** Takes away files that were being written: parts, scratch and, in the history folder, our own only. */
async function takeAwayUnfinished(kind: Kind<KindName>, { disk, history, layout, monitor }: Settlement): Promise<void> {
  const parts = layout.parts(kind.name);
  for (const name of await disk.list(parts)) {
    if (finishedName(name) !== undefined) await disk.remove(join(parts, name));
  }
  for (const day of await disk.list(join(history, kind.name))) {
    if (!isDay(day)) continue;
    const folder = join(history, kind.name, day);
    for (const name of await disk.list(folder)) {
      const finished = finishedName(name);
      if (finished !== undefined && parseSealed(finished)?.monitor === monitor) await disk.remove(join(folder, name));
    }
  }
}

async function ownSealed(kind: Kind<KindName>, day: Day, { catalog, disk, monitor }: Settlement): Promise<string[]> {
  const folder = catalog.folderOf(kind.name, day);
  const names = await disk.list(folder);
  return names.filter((name) => parseSealed(name)?.monitor === monitor).map((name) => join(folder, name));
}

/** What a sealed file takes the place of: nothing where it is torn, since then its rows may be nowhere else. */
async function replacedBy(path: string, { log, parquet }: Settlement): Promise<readonly string[]> {
  try {
    return (await parquet.notes(path))?.replaces ?? [];
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    log.warn({ file: path, problem: error.message }, 'a file in the history folder cannot be read');
    return [];
  }
}

/** The same of a part; one that is torn is put aside. */
async function replacedByPart(
  path: string,
  name: string,
  { disk, layout, log, parquet }: Settlement,
): Promise<readonly string[] | undefined> {
  try {
    return (await parquet.notes(path))?.replaces ?? [];
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const aside = join(layout.broken, name);
    await disk.rename(path, aside);
    log.error({ file: aside, problem: error.message }, 'rows of history cannot be read: the disk may be failing');
    return undefined;
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
