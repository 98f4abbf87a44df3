import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Day } from '../day.ts';
import type { Disk } from '../disk/disk.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';
import type { Layout } from '../layout.ts';
import type { Contents } from './parquet.ts';

/** A file of rows received on one day, that waits for the day to be sealed. */
export interface Part {
  readonly kind: Kind<KindName>;
  readonly day: Day;
  readonly name: string;
  readonly path: string;
  /** The segments whose place it takes, by name. */
  readonly replaces: readonly string[];
  /** What was written, where this process wrote it; one that was found may be of an earlier version, with fewer columns. */
  readonly contents?: Contents;
}

/** Puts a part aside that cannot be read any more, for whoever can. */
export async function putAside(
  { name, path }: Pick<Part, 'name' | 'path'>,
  problem: string,
  { disk, layout, log }: { readonly disk: Disk; readonly layout: Layout; readonly log: Logger },
): Promise<void> {
  const aside = join(layout.broken, name);
  await disk.rename(path, aside);
  log.error({ file: aside, problem }, 'rows of history cannot be read: the disk may be failing');
}
