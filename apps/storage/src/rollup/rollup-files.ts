import { basename, dirname, join } from 'node:path';
import type { Id } from '@guaita/model';
import type { Clock, Health } from '@guaita/service';
import type { Logger } from 'pino';
import { Catalog } from '../catalog/catalog.ts';
import type { Day } from '../day.ts';
import type { Disk } from '../disk/disk.ts';
import { QueryError, type Lane } from '../engine/engine.ts';
import type { Sources, Span } from '../history.ts';
import { nextSealedName, parseSealed } from '../journal/names.ts';
import { Leases } from '../leases.ts';
import { ParquetFiles } from '../parts/parquet.ts';
import { bucketKinds, bucketNames, type BucketName } from './buckets.ts';
import { isPeriod, periodOf, type Rolled } from './resolution.ts';
import type { RolledKind } from './rollup.ts';

/** What the files of rollups are kept with. */
export interface RollupFilesParts {
  /** The folder `history`. */
  readonly folder: string;
  readonly monitor: Id;
  readonly disk: Disk;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
}

/** One file of this monitor's. */
export interface OwnRollup {
  readonly path: string;
  /** The sealed files of measurements that it was made from, by day and name. */
  readonly madeFrom: ReadonlySet<string>;
}

/** The files of rollups in `history/`, own and other hosts’; of each period this monitor has one, and a new one takes its place. */
export class RollupFiles {
  readonly #parts: RollupFilesParts;
  readonly #catalog: Catalog<BucketName>;
  readonly #parquet: ParquetFiles;
  readonly #leases = new Leases();
  /** What own files were made from, by path: no path is used twice. */
  readonly #madeFrom = new Map<string, ReadonlySet<string>>();

  constructor(parts: RollupFilesParts) {
    this.#parts = parts;
    this.#catalog = new Catalog({
      ...parts,
      kinds: bucketKinds,
      wrongPeriod: (name, folder) => {
        const resolution = name.slice(name.indexOf('-') + 1) as Rolled;
        return isPeriod(resolution, folder) ? undefined : `its name is no period such as ${periodOf(resolution, 0)}`;
      },
      component: 'rollup files',
    });
    this.#parquet = new ParquetFiles(parts.lane, parts.disk);
  }

  /** Takes away what a process left that ended while it wrote. */
  async start(): Promise<void> {
    const { disk, folder, monitor } = this.#parts;
    for (const name of bucketNames) {
      await disk.makeFolder(join(folder, name));
      for (const period of await disk.list(join(folder, name))) {
        await this.#parquet.removeUnfinished(join(folder, name, period), monitor);
      }
    }
  }

  /** Files with buckets that begin within a span. To be released once the query over them has ended. */
  async sources(kind: RolledKind, resolution: Rolled, span: Span): Promise<Sources> {
    const name = `${kind}-${resolution}` as const;
    await this.#catalog.look(name);
    const found = this.#catalog.found(name, span);
    return { ...found, tables: [], release: this.#leases.take(found.files) };
  }

  /** To be called when a query has failed. @returns the files that are left out from now on. */
  async examine(kind: RolledKind, resolution: Rolled, files: readonly string[]): Promise<string[]> {
    return this.#catalog.examine(`${kind}-${resolution}`, files);
  }

  /** The days of which this monitor has made rollups, as far as those of 5 minutes go back. */
  async rolledDays(kind: RolledKind): Promise<ReadonlySet<Day>> {
    await this.#catalog.look(`${kind}-5m`);
    return this.#catalog.periods(`${kind}-5m`, this.#parts.monitor);
  }

  /** The first moment of the first period of which there is anything. */
  async since_ms(kind: RolledKind, resolution: Rolled): Promise<number | undefined> {
    await this.#catalog.look(`${kind}-${resolution}`);
    const [first] = [...this.#catalog.periods(`${kind}-${resolution}`)].sort();
    return first === undefined ? undefined : Date.parse(first);
  }

  /** This monitor's newest readable file of the period that a moment is in. */
  async own(kind: RolledKind, resolution: Rolled, at_ms: number): Promise<OwnRollup | undefined> {
    for (const path of (await this.#ownPaths(kind, resolution, at_ms)).reverse()) {
      const madeFrom = this.#madeFrom.get(path) ?? (await this.#readMadeFrom(path));
      if (madeFrom !== undefined) return { path, madeFrom };
    }
    return undefined;
  }

  /**
   * Writes the buckets that stand in a table or view as this monitor's file of the period that a moment is in, in place of those
   * before.
   *
   * @param isOrdered they stand in their order already.
   */
  async write(
    kind: RolledKind,
    resolution: Rolled,
    at_ms: number,
    {
      table,
      isOrdered,
      madeFrom,
      signal,
    }: {
      readonly table: string;
      readonly isOrdered: boolean;
      readonly madeFrom: readonly string[];
      readonly signal: AbortSignal;
    },
  ): Promise<void> {
    const { disk, monitor } = this.#parts;
    const buckets = bucketKinds[`${kind}-${resolution}`];
    const folder = this.#catalog.folderOf(buckets.name, periodOf(resolution, at_ms));
    const before = await this.#ownPaths(kind, resolution, at_ms);
    const target = join(
      folder,
      nextSealedName(
        monitor,
        before.map((path) => basename(path)),
      ),
    );
    await disk.makeFolder(folder);
    const contents = await this.#parquet.write(
      {
        kind: buckets,
        rows: `SELECT * FROM ${table}`,
        isSorted: !isOrdered,
        target,
        notes: { kind: buckets.name, monitor, replaces: [], madeFrom },
      },
      signal,
    );
    const facts = await disk.stat(target);
    if (facts !== undefined) this.#catalog.put(buckets.name, target, facts, contents);
    await this.remove(buckets.name, before);
  }

  /** Takes files away for good, each once no query reads it any more, and the folder of a period that is then empty. */
  async remove(name: BucketName, files: readonly string[]): Promise<void> {
    this.#catalog.forget(name, files);
    for (const file of files) {
      this.#madeFrom.delete(file);
      await this.#leases.whenFree(file);
      await this.#parts.disk.remove(file);
      await this.#parts.disk.removeFolder(dirname(file));
    }
  }

  async #readMadeFrom(path: string): Promise<ReadonlySet<string> | undefined> {
    try {
      const madeFrom = new Set((await this.#parquet.notes(path))?.madeFrom);
      this.#madeFrom.set(path, madeFrom);
      return madeFrom;
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      this.#parts.log.warn({ file: path, problem: error.message }, 'a file of rollups cannot be read; it is made anew');
      return undefined;
    }
  }

  /** In the order of their numbers. */
  async #ownPaths(kind: RolledKind, resolution: Rolled, at_ms: number): Promise<string[]> {
    const { disk, monitor } = this.#parts;
    const folder = this.#catalog.folderOf(`${kind}-${resolution}`, periodOf(resolution, at_ms));
    return (await disk.list(folder))
      .map((name) => ({ name, found: parseSealed(name) }))
      .filter(({ found }) => found?.monitor === monitor)
      .sort((a, b) => a.found!.number - b.found!.number)
      .map(({ name }) => join(folder, name));
  }
}
