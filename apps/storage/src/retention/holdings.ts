import { join } from 'node:path';
import type { Id } from '@guaita/model';
import { isDay } from '../day.ts';
import type { Disk } from '../disk/disk.ts';
import { parseSealed } from '../journal/names.ts';
import { kindNames } from '../kinds/kinds.ts';
import { bucketNames } from '../rollup/buckets.ts';
import { isPeriod, type Rolled } from '../rollup/resolution.ts';
import type { Kept, KeptName } from './kept.ts';

/** What `history/` holds. */
export interface Holdings {
  /** Whatever of it may be taken away. */
  readonly kept: readonly Kept[];
  /** Of all files that bear a name of storage’s, also those that may not. */
  readonly size_bytes: number;
}

/**
 * Looks at what `history/` holds. What bears a name that is none of storage’s is nobody’s to take away here.
 *
 * @param whose of which monitor files may be taken away; `undefined`: of all.
 */
export async function holdings(disk: Disk, folder: string, whose: Id | undefined): Promise<Holdings> {
  const kept: Kept[] = [];
  let all_bytes = 0;
  for (const name of [...kindNames, ...bucketNames]) {
    for (const period of await disk.list(join(folder, name))) {
      if (!isPeriodOf(name, period)) continue;
      const files: string[] = [];
      let size_bytes = 0;
      for (const file of await disk.list(join(folder, name, period))) {
        const path = join(folder, name, period, file);
        const sealed = parseSealed(file);
        const facts = sealed === undefined ? undefined : await disk.stat(path);
        if (sealed === undefined || facts?.isFile !== true) continue;
        all_bytes += facts.size_bytes;
        if (whose !== undefined && sealed.monitor !== whose) continue;
        files.push(path);
        size_bytes += facts.size_bytes;
      }
      if (files.length > 0) kept.push({ name, period, files, size_bytes });
    }
  }
  return { kept, size_bytes: all_bytes };
}

function isPeriodOf(name: KeptName, period: string): boolean {
  const resolution = name.split('-')[1];
  return resolution === undefined ? isDay(period) : isPeriod(resolution as Rolled, period);
}
