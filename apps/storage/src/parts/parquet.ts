import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Id } from '@guaita/model';
import type { Disk } from '../disk/disk.ts';
import type { Lane, Parameters } from '../engine/engine.ts';
import { literal, quoted } from '../engine/sql.ts';
import { finishedName, parseSealed, unfinishedName } from '../journal/names.ts';
import { parquetColumns } from '../kinds/csv.ts';
import type { Kind } from '../kinds/kind.ts';
import { NumberedTexts } from './numbered-texts.ts';
import { rowsOf } from './rows-of.ts';

/** A file whose rows are not those that it was to have: the disk or the memory is failing, or there is a fault here. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

/** What a set of rows is known by; two sets that agree in it are the same. */
export interface Contents {
  readonly rows: number;
  /** The sum of a hash of each row: whatever their order. */
  readonly checksum: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** What several sets of rows have together. */
export function together(sets: readonly Contents[]): Contents {
  return {
    rows: sets.reduce((sum, { rows }) => sum + rows, 0),
    checksum: String(sets.reduce((sum, { checksum }) => sum + BigInt(checksum), 0n)),
    from_ms: Math.min(...sets.map(({ from_ms }) => from_ms)),
    to_ms: Math.max(...sets.map(({ to_ms }) => to_ms)),
  };
}

/** What a file says of itself: it can be asked for with any tool for Parquet. */
export interface Notes {
  readonly kind: string;
  readonly monitor: string;
  /** Names of the segments and parts whose rows it holds: whoever finds one of those beside it takes it away. */
  readonly replaces: readonly string[];
  /** Of rollups: the sealed files, by day and name, that they were made from. */
  readonly madeFrom?: readonly string[];
}

const NOTES_KEY = 'guaita';

/** Fewer are sorted in some 15 MB: it takes longer to look what texts they have. */
const NUMBERED_ROWS = 100_000;

/** What a file is to be made of. */
export interface ParquetPlan {
  readonly kind: Kind;
  /** A `SELECT` of its rows. */
  readonly rows: string;
  /** What is bound to parameters in that. */
  readonly parameters?: Parameters;
  /** What is known of the rows already; what is not is found out by reading them once more. */
  readonly known?: Pick<Contents, 'rows'> & Partial<Contents>;
  /** In the kind's order; else as they come, which takes half the time. */
  readonly isSorted: boolean;
  readonly target: string;
  readonly notes: Notes;
}

/** Writes Parquet files whole: written aside, flushed, read again and compared, renamed, and the folder flushed. */
export class ParquetFiles {
  readonly #lane: Lane;
  readonly #disk: Disk;

  constructor(lane: Lane, disk: Disk) {
    this.#lane = lane;
    this.#disk = disk;
  }

  /**
   * @returns what the file holds.
   * @throws {VerificationError}, or what the disk or the database says; then there is no file.
   */
  async write(plan: ParquetPlan, signal?: AbortSignal): Promise<Contents> {
    const { kind, target } = plan;
    const folder = dirname(target);
    const staged = join(folder, unfinishedName(basename(target)));
    try {
      const wanted = plan.known ?? (await this.contents(kind, plan.rows, signal));
      if (plan.isSorted && wanted.rows >= NUMBERED_ROWS) await this.#copyNumbered(plan, staged, signal);
      else await this.#lane.run(copy(plan, staged, inOrder(plan)), plan.parameters ?? {}, signal);
      await this.#disk.sync(staged);
      const written = await this.contents(
        kind,
        rowsOf(kind, { files: [staged], tables: [], areComplete: true }),
        signal,
      );
      if (!isDeepStrictEqual({ ...written, ...wanted }, written)) {
        throw new VerificationError(
          `${target}: ${written.rows} rows of ${wanted.rows} came back as they were written; ` +
            'nothing was lost, and it is tried again: look whether the disk or the memory is failing',
        );
      }
      await this.#disk.rename(staged, target);
      await this.#disk.sync(folder);
      return written;
    } catch (error) {
      await this.#disk.remove(staged);
      throw error;
    }
  }

  /**
   * Takes away what was being written in a folder when a process ended.
   *
   * @param monitor of which only, where other hosts may be writing there; of all when left out.
   */
  async removeUnfinished(folder: string, monitor?: Id): Promise<void> {
    for (const name of await this.#disk.list(folder)) {
      const finished = finishedName(name);
      if (finished === undefined) continue;
      if (monitor === undefined || parseSealed(finished)?.monitor === monitor) {
        await this.#disk.remove(join(folder, name));
      }
    }
  }

  async #copyNumbered(plan: ParquetPlan, staged: string, signal?: AbortSignal): Promise<void> {
    const texts = new NumberedTexts(this.#lane, plan.rows);
    try {
      await texts.make(plan.kind, staged, signal);
      await this.#lane.run(copy(plan, staged, texts.sorted(plan.kind.order)), {}, signal);
    } finally {
      await texts.drop();
    }
  }

  /** Reads rows from end to end. @throws {QueryError} when a file is torn or has other columns. */
  async contents(kind: Kind, rows: string, signal?: AbortSignal): Promise<Contents> {
    const columns = kind.columns.map(({ name }) => quoted(name)).join(', ');
    const [row] = await this.#lane.rows<Contents>(
      `SELECT count(*) AS rows, coalesce(sum(hash(${columns})), 0)::VARCHAR AS checksum,
              epoch_ms(min("at")) AS from_ms, epoch_ms(max("at")) AS to_ms FROM (${rows})`,
      {},
      signal,
    );
    return row!;
  }

  /** What a file says of itself; `undefined` when it is none of ours. @throws {QueryError} when it is torn. */
  async notes(file: string): Promise<Notes | undefined> {
    const [row] = await this.#lane.rows<{ value: string }>(
      `SELECT decode(value) AS value FROM parquet_kv_metadata($file) WHERE decode(key) = '${NOTES_KEY}'`,
      { file },
    );
    return row === undefined ? undefined : (JSON.parse(row.value) as Notes);
  }
}

function inOrder({ kind, isSorted, rows }: ParquetPlan): string {
  return isSorted ? `SELECT * FROM (${rows}) ORDER BY ${kind.order.map(quoted).join(', ')}` : rows;
}

/**
 * Half of the database's usual size: what is asked of one device's day is read from one or two row groups, and smaller ones
 * cost more bytes.
 */
const ROW_GROUP_rows = 40_960;

/**
 * Columns with more values than these are written as differences, which are smaller and cost less CPU than a dictionary
 * of nearly as many entries as rows (measured over a day of pings: 8.9 bytes a row instead of 9.4).
 */
const DICTIONARY_most = 10_000;

/** Zstandard over Parquet's second version of encodings: a row takes half of what it does with the first. */
function copy({ kind, notes }: ParquetPlan, staged: string, rows: string): string {
  const options =
    'FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, USE_TMP_FILE false, ' +
    `ROW_GROUP_SIZE ${ROW_GROUP_rows}, DICTIONARY_SIZE_LIMIT ${DICTIONARY_most}, ` +
    `KV_METADATA {${NOTES_KEY}: ${literal(JSON.stringify(notes))}}`;
  return `COPY (SELECT ${parquetColumns(kind)} FROM (${rows})) TO ${literal(staged)} (${options})`;
}
