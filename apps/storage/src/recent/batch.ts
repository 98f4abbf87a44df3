import { basename, join } from 'node:path';
import type { Day } from '../day.ts';
import type { Disk } from '../disk/disk.ts';
import type { Lane } from '../engine/engine.ts';
import { quoted } from '../engine/sql.ts';
import { Lines } from '../journal/lines.ts';
import { Segment } from '../journal/segment.ts';
import { selectFromCsv, tableColumns } from '../kinds/csv.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';

/** So many rows wait before they are put into the table unasked: 1.5 MB. */
const LOAD_ROWS = 20_000;

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
 * of the engine, so that they can be asked for. The table is filled when it is asked for, or when many rows wait.
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
  #waiting = new Lines();
  #waitingRows = 0;
  #loading: Promise<unknown> = Promise.resolve();
  #loadDue_rows = LOAD_ROWS;
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

  /** Whether so many rows have come since the table was last filled that it should be now. */
  get isLoadDue(): boolean {
    return this.#rows >= this.#loadDue_rows;
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

  /** Takes lines of the journal before it returns. @returns why the disk did not take them; they are held meanwhile. */
  append(lines: Uint8Array, rows: number): unknown {
    this.#waitingRows += rows;
    this.#rows += rows;
    return this.segment.append(this.#waiting.add(lines));
  }

  /** Waits until all rows that were appended before are in the table. */
  load(): Promise<void> {
    this.#loadDue_rows = this.#rows + LOAD_ROWS;
    const loaded = this.#loading.then(() => this.#loadWaiting());
    this.#loading = loaded.catch(() => undefined);
    return loaded;
  }

  async #loadWaiting(): Promise<void> {
    if (this.#waitingRows === 0) return;
    const [lines, rows] = [this.#waiting, this.#waitingRows];
    this.#waiting = new Lines();
    this.#waitingRows = 0;
    const { disk, scratch } = this.#parts;
    const file = join(scratch, `${this.table}.csv`);
    try {
      await disk.write(file, lines.bytes);
      await this.#insert([file]);
    } catch (error) {
      this.#waiting.prepend(lines);
      this.#waitingRows += rows;
      throw error;
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
