import { basename, dirname, join } from 'node:path';
import type { Id } from '@guaita/model';
import type { Clock, Health } from '@guaita/service';
import type { Logger } from 'pino';
import type { Disk, FileFacts } from '../disk/disk.ts';
import { QueryError, type Lane } from '../engine/engine.ts';
import type { Sources, Span } from '../history.ts';
import { finishedName, parseSealed } from '../journal/names.ts';
import type { Kind } from '../kinds/kind.ts';
import { checkFile, type Checked } from './check.ts';
import { ParquetFiles } from '../parts/parquet.ts';
import { rowsOf } from '../parts/rows-of.ts';

/** Other hosts' files come once a day: who asks again within this time is answered from memory. */
const LOOKED_ms = 10_000;

/** Files that health names one by one; the log has all of them. */
const NAMED = 3;

interface Entry {
  readonly size_bytes: number;
  readonly modified_ms: number;
  readonly checked: Checked;
}

/** What a catalog is made of. */
export interface CatalogParts<Name extends string> {
  readonly kinds: Readonly<Record<Name, Kind<Name>>>;
  /** What is wrong with the name of a folder below the kind’s, if anything. */
  readonly wrongPeriod: (kind: Name, folder: string) => string | undefined;
  /** Of the component of health that tells of files that are left out. */
  readonly component: string;
  /** The folder `history`. */
  readonly folder: string;
  readonly disk: Disk;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
}

/**
 * The files in `history/`, own and other hosts'. Anybody may have put something there: a file is looked at before it is
 * read with others, and what is torn, foreign or of a name that is none is named once and left out.
 */
export class Catalog<Name extends string> {
  readonly #parts: CatalogParts<Name>;
  readonly #entries: Record<Name, Map<string, Entry>>;
  readonly #looked_ms = new Map<Name, number>();
  readonly #named = new Set<string>();

  constructor(parts: CatalogParts<Name>) {
    this.#parts = parts;
    this.#entries = Object.fromEntries(Object.keys(parts.kinds).map((name) => [name, new Map()])) as Record<
      Name,
      Map<string, Entry>
    >;
  }

  /** The folder of a kind’s files of a period. */
  folderOf(kind: Name, period: string): string {
    return join(this.#parts.folder, kind, period);
  }

  /** Looks which files there are, unless that was done just now. */
  async look(kind: Name): Promise<void> {
    const now_ms = this.#parts.clock.monotonic_ms();
    const looked_ms = this.#looked_ms.get(kind);
    if (looked_ms !== undefined && now_ms - looked_ms < LOOKED_ms) return;
    this.#looked_ms.set(kind, now_ms);
    await this.#lookAgain(kind);
  }

  /** Files that have rows within a span, of those that count; all do when that is left out. */
  found(
    kind: Name,
    { from_ms, to_ms }: Span,
    counts = (_path: string): boolean => true,
  ): Pick<Sources, 'files' | 'areComplete'> {
    const found = [...this.#entries[kind]].flatMap(([path, { checked }]) =>
      'problem' in checked || checked.to_ms < from_ms || checked.from_ms >= to_ms || !counts(path)
        ? []
        : [{ path, isComplete: checked.isComplete }],
    );
    return { files: found.map(({ path }) => path), areComplete: found.every(({ isComplete }) => isComplete) };
  }

  /** Periods of which there is any file, or one of this monitor’s. */
  periods(kind: Name, monitor?: Id): Set<string> {
    const periods = new Set<string>();
    for (const [path, { checked }] of this.#entries[kind]) {
      if ('problem' in checked) continue;
      if (monitor === undefined || parseSealed(basename(path))?.monitor === monitor)
        periods.add(basename(dirname(path)));
    }
    return periods;
  }

  /** A file of our own is there from now on. */
  put(kind: Name, path: string, facts: FileFacts, { from_ms, to_ms }: Span): void {
    this.#keep(kind, path, facts, { from_ms, to_ms, isComplete: true });
  }

  /** Files that are about to be taken away. */
  forget(kind: Name, files: readonly string[]): void {
    for (const file of files) this.#entries[kind].delete(file);
  }

  /** Reads files from end to end. @returns those that are to be left out from now on. */
  async examine(kind: Name, files: readonly string[]): Promise<string[]> {
    const parquet = new ParquetFiles(this.#parts.lane, this.#parts.disk);
    const bad: string[] = [];
    for (const path of files) {
      const entry = this.#entries[kind].get(path);
      if (entry === undefined) continue;
      try {
        const described = this.#parts.kinds[kind];
        await parquet.contents(described, rowsOf(described, { files: [path], tables: [] }));
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        bad.push(path);
        const stat = await this.#parts.disk.stat(path);
        if (stat === undefined) this.#entries[kind].delete(path);
        else this.#keep(kind, path, stat, { problem: error.message });
      }
    }
    this.#report();
    return bad;
  }

  async #lookAgain(kind: Name): Promise<void> {
    const { disk, folder } = this.#parts;
    // What we put there ourselves meanwhile is not in the lists yet.
    const gone = new Set(this.#entries[kind].keys());
    for (const period of await disk.list(join(folder, kind))) {
      const problem = this.#parts.wrongPeriod(kind, period);
      if (problem !== undefined) {
        this.#leaveOut(join(folder, kind, period), problem);
        continue;
      }
      for (const name of await disk.list(join(folder, kind, period))) {
        const path = join(folder, kind, period, name);
        if (parseSealed(name) !== undefined) {
          gone.delete(path);
          await this.#take(kind, path);
        } else if (finishedName(name) === undefined && !name.startsWith('.')) {
          this.#leaveOut(path, 'its name is none that storage gives (lookout-1-1.parquet)');
        }
      }
    }
    this.forget(kind, [...gone]);
    this.#report();
  }

  /** Looks at a file unless it is as it was. */
  async #take(kind: Name, path: string): Promise<void> {
    const { disk, kinds, lane } = this.#parts;
    const stat = await disk.stat(path);
    if (stat === undefined) {
      this.#entries[kind].delete(path);
      return;
    }
    const known = this.#entries[kind].get(path);
    if (known?.size_bytes === stat.size_bytes && known.modified_ms === stat.modified_ms) return;
    const checked: Checked = stat.isFile
      ? await checkFile(lane, kinds[kind], path)
      : { problem: 'it is no regular file' };
    this.#keep(kind, path, stat, checked);
  }

  #keep(kind: Name, path: string, { size_bytes, modified_ms }: FileFacts, checked: Checked): void {
    this.#entries[kind].set(path, { size_bytes, modified_ms, checked });
    if ('problem' in checked) this.#leaveOut(path, checked.problem);
    else this.#named.delete(path);
  }

  #leaveOut(path: string, problem: string): void {
    if (this.#named.has(path)) return;
    this.#named.add(path);
    this.#parts.log.warn(
      { file: path, problem },
      'a file in the history folder is left out; move it away or replace it',
    );
  }

  #report(): void {
    const problems = Object.values<Map<string, Entry>>(this.#entries).flatMap((entries) =>
      [...entries].flatMap(([path, { checked }]) => ('problem' in checked ? [`${path}: ${checked.problem}`] : [])),
    );
    const more = problems.length > NAMED ? ` and ${problems.length - NAMED} more` : '';
    const detail = problems.length === 0 ? '' : `left out: ${problems.slice(0, NAMED).join('; ')}${more}`;
    this.#parts.health.report(this.#parts.component, true, detail);
  }
}
