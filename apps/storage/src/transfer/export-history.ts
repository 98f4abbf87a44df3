import { access, link, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DuckDb } from '../engine/duckdb.ts';
import { QueryError } from '../engine/engine.ts';
import { literal, quoted, within } from '../engine/sql.ts';
import type { Span } from '../history.ts';
import { parquetColumns } from '../kinds/csv.ts';
import { kinds, type KindName } from '../kinds/kinds.ts';
import { rowsOf } from '../parts/rows-of.ts';
import { selectMerged } from '../rollup/buckets.ts';
import { everything, FolderHistory } from './folder-history.ts';
import { TRANSFER_LIMITS, TransferError, type ExportFormat } from './transfer.ts';

/** A storage that runs may take away what was just found, some times in a row. */
const ATTEMPTS = 3;
const PROGRESS_ms = 1_000;

export interface ExportQuestion extends Span {
  /** The storage’s own folder, and that of the history. */
  readonly own: string;
  readonly history: string;
  readonly kind: KindName;
  /** Of all when there are none. */
  readonly devices: readonly string[];
  readonly format: ExportFormat;
  readonly out: string;
  /** Whether a file that is there may be replaced. */
  readonly force: boolean;
  /** Told now and then how much has been written. */
  readonly progress: (bytes: number) => void;
}

/**
 * Writes rows of history into one file, in order of time and each once, whole or not at all.
 *
 * @returns how many rows, and what of the history could not be read.
 * @throws {TransferError} saying what to do.
 */
export async function exportHistory(
  question: ExportQuestion,
  signal: AbortSignal,
): Promise<{ rows: number; leftOut: string }> {
  const { force, history, own, progress } = question;
  const out = resolve(question.out);
  if (!force && (await isThere(out)))
    throw new TransferError(`${out} is there already; give another name, or --force to replace it`);
  if (!(await isThere(history)) && !(await isThere(own)))
    throw new TransferError(`there is no history in ${history}; name the data folder of a storage with --data`);
  if (!(await isThere(dirname(out))))
    throw new TransferError(`there is no folder ${dirname(out)}; make it, or name another file`);
  const aside = await mkdtemp(join(dirname(out), '.guaita-export-'));
  try {
    const folders = [own, history, aside];
    const engine = await DuckDb.open({ folders, spill: join(aside, 'spill'), ...TRANSFER_LIMITS });
    const staged = join(aside, basename(out));
    const timer = setInterval(
      () =>
        void stat(staged).then(
          ({ size }) => progress(size),
          () => undefined,
        ),
      PROGRESS_ms,
    );
    try {
      const answer = await write(question, engine, aside, staged, signal);
      if (force) await rename(staged, out);
      // Unlike a rename it takes no file’s place that came meanwhile.
      else await link(staged, out);
      return answer;
    } finally {
      clearInterval(timer);
      engine.close();
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function write(
  question: ExportQuestion,
  { store: lane }: DuckDb,
  scratch: string,
  staged: string,
  signal: AbortSignal,
): Promise<{ rows: number; leftOut: string }> {
  const kind = kinds[question.kind];
  const span = { from_ms: question.from_ms, to_ms: question.to_ms };
  for (let attempt = 1; ; attempt++) {
    const history = new FolderHistory(question.history, lane);
    const sources = await everything(question.kind, { own: question.own, history, scratch, lane, span });
    const devices = question.devices.length === 0 ? '' : ` AND device IN (${question.devices.map(literal).join(', ')})`;
    const rows = selectMerged(kind, rowsOf(kind, sources), `${within(span)}${devices}`);
    const columns = question.format === 'parquet' ? parquetColumns(kind) : csvColumns(question.kind);
    // As kept, not as written: in a CSV file times are texts of the same name.
    const order = ['at', ...kind.key.filter((name) => name !== 'at')]
      .map((name) => `merged.${quoted(name)}`)
      .join(', ');
    const options =
      question.format === 'parquet' ? 'FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2' : 'FORMAT csv, HEADER';
    try {
      await lane.run(
        `COPY (SELECT ${columns} FROM (${rows}) AS merged ORDER BY ${order}) TO ${literal(staged)} (${options}, USE_TMP_FILE false)`,
        {},
        signal,
      );
      const read = question.format === 'parquet' ? 'read_parquet' : 'read_csv';
      const [count] = await lane.rows<{ rows: number }>(
        `SELECT count(*) AS rows FROM ${read}(${literal(staged)})`,
        {},
        signal,
      );
      return { rows: count!.rows, leftOut: history.leftOut };
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      if (attempt === ATTEMPTS)
        throw new TransferError(`the history could not be read: ${error.message}`, { cause: error });
      await history.examine(question.kind, sources.files);
    }
  }
}

/** Times as everybody reads them. */
function csvColumns(kind: KindName): string {
  return kinds[kind].columns
    .map(({ name, type }) =>
      type === 'TIMESTAMP' ? `strftime(${quoted(name)}, '%Y-%m-%dT%H:%M:%S.%gZ') AS ${quoted(name)}` : quoted(name),
    )
    .join(', ');
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
