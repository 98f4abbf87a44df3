import { basename, join } from 'node:path';
import type { Day } from '../day.ts';
import type { Disk } from '../disk/disk.ts';
import type { Lane } from '../engine/engine.ts';
import { quoted } from '../engine/sql.ts';
import { Segment } from '../journal/segment.ts';
import { selectFromCsv, tableColumns } from '../kinds/csv.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';
import type { ParquetPlan } from '../parts/parquet.ts';

/** What a batch is made of. */
export interface BatchParts {
  readonly kind: Kind<KindName>;
  readonly day: Day;
  /** The table of its rows: a name that is never used again. */
  readonly table: string;
  /** Where its new rows go, in the folder of the kind's segments. */
  readonly segment: string;
  /** Segments that an earlier process has left, whose rows belong to it. */
  readonly restored: readonly string[];
  /** A folder for what is read at once and taken away. */
  readonly scratch: string;
  readonly disk: Disk;
  readonly lane: Lane;
}

/**
 * The newest rows of one kind, received on one day: in segments of the journal, so that no crash loses them, and in a table
 * of the engine, so that they can be asked for. The table is filled when it is asked for, or made a part: all at once, since
 * that takes half the time of some thousands at a time.
 */
export class Batch {
  readonly kind: Kind<KindName>;
  readonly day: Day;
  readonly table: string;
  readonly segment: Segment;
  #rows = 0;
  /** It gets no more rows. */
  isClosed = false;
  readonly #parts: BatchParts;
  /** How much of its segment is in the table. */
  #loaded_bytes = 0;
  #loading: Promise<unknown> = Promise.resolve();
  #isEnded = false;
  #isMade = false;

  constructor(parts: BatchParts) {
    this.kind = parts.kind;
    this.day = parts.day;
    this.table = parts.table;
    this.segment = new Segment(parts.disk, parts.segment);
    this.#parts = parts;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Whether the table can be asked. */
  get isMade(): boolean {
    return this.#isMade;
  }

  /** Paths of all segments that hold its rows. */
  get segments(): string[] {
    return [...this.#parts.restored, this.#parts.segment];
  }

  /** The names by which a file that takes the segments' place tells which they are. */
  get segmentNames(): string[] {
    return this.segments.map((path) => basename(path));
  }

  /** Reads what an earlier process has left into the table. @returns how many rows that were. */
  async restore(): Promise<number> {
    await this.#insert(this.#parts.restored);
    const [row] = await this.#parts.lane.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${quoted(this.table)}`);
    this.#rows = row!.rows;
    return this.#rows;
  }

  /** So many rows more are in its segment now, or wait to be written there. */
  added(rows: number): void {
    this.#rows += rows;
  }

  /** Waits until all rows that were appended before are in the table. */
  load(): Promise<void> {
    const loaded = this.#loading.then(() => this.#loadNew());
    this.#loading = loaded.catch(() => undefined);
    return loaded;
  }

  /** Where its rows are read from to be written elsewhere: where nobody has asked for them yet, that needs no table. */
  async source(): Promise<Pick<ParquetPlan, 'rows' | 'parameters' | 'known'>> {
    if (this.#isMade || this.segment.owed_bytes > 0) {
      await this.load();
      return { rows: `SELECT * FROM ${quoted(this.table)}` };
    }
    return {
      rows: selectFromCsv(this.kind),
      parameters: { segments: [this.#parts.segment] },
      known: { rows: this.#rows },
    };
  }

  /** Its rows stand somewhere else: none is loaded any more. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await this.#loading;
    this.segment.forgive();
    await this.segment.close();
  }

  async #loadNew(): Promise<void> {
    if (this.#isEnded) return;
    const lines = await this.segment.since(this.#loaded_bytes);
    if (lines.length === 0) return;
    const { disk, scratch } = this.#parts;
    const file = join(scratch, `${this.table}.csv`);
    try {
      await disk.write(file, lines);
      await this.#insert([file]);
      this.#loaded_bytes += lines.length;
    } finally {
      await disk.remove(file);
    }
  }

  async #insert(segments: readonly string[]): Promise<void> {
    const { kind, lane } = this.#parts;
    if (!this.#isMade) await lane.run(`CREATE TABLE IF NOT EXISTS ${quoted(this.table)} (${tableColumns(kind)})`);
    this.#isMade = true;
    await lane.run(`INSERT INTO ${quoted(this.table)} ${selectFromCsv(kind)}`, { segments });
  }
}
