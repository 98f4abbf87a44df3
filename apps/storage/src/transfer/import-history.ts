import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { Health, systemClock } from '@guaita/service';
import { isId } from '@guaita/model';
import { CsvError, parse } from 'csv-parse';
import { pino } from 'pino';
import { spanOf, type Day } from '../day.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { DuckDb } from '../engine/duckdb.ts';
import { quoted, within } from '../engine/sql.ts';
import { nextSealedName } from '../journal/names.ts';
import { csvLine, selectFromCsv } from '../kinds/csv.ts';
import { kinds } from '../kinds/kinds.ts';
import { ParquetFiles } from '../parts/parquet.ts';
import { rowsOf } from '../parts/rows-of.ts';
import { RollupFiles } from '../rollup/rollup-files.ts';
import { Roller } from '../rollup/roller.ts';
import { TRIED_AGAIN } from '../rounds.ts';
import { FolderHistory, isOf } from './folder-history.ts';
import { readHeader } from './foreign-rows.ts';
import { HeaderError, type ForeignFormat } from './foreign-table.ts';
import { TRANSFER_LIMITS, TransferError } from './transfer.ts';

/** So many lines are named one by one; the others are in the counts. */
const NAMED_MOST = 1_000;
/** Longer than any that RRDtool kept. */
const ROLLED_days = 36_500;

export interface ImportQuestion {
  readonly file: string;
  /** A folder of its own, that nobody else uses. */
  readonly scratch: string;
  readonly history: string;
  readonly format: ForeignFormat;
  /** Told now and then how many lines were read. */
  readonly progress: (lines: number) => void;
}

/** What came of an import. */
export interface ImportReport {
  readonly lines: number;
  /** New in the history. */
  readonly rows: number;
  /** There already, or several times in the file. */
  readonly known: number;
  readonly days: number;
  readonly leftOut: readonly { readonly line: number; readonly reason: string }[];
  readonly leftOutTotal: number;
  /** What prevents rollups of it, if anything. */
  readonly problem: string;
}

/**
 * Puts a table of measurements into the history, each day’s rows into a file of that day, and makes rollups of them. What is there
 * already is not added.
 *
 * @throws {TransferError} when nothing can be carried over; then nothing was changed.
 */
export async function importHistory(question: ImportQuestion, signal: AbortSignal): Promise<ImportReport> {
  const { file, history, scratch } = question;
  await access(file).catch((cause: unknown) => {
    throw new TransferError(`${file} cannot be read; name a CSV file`, { cause });
  });
  await mkdir(history, { recursive: true });
  const aside = await mkdtemp(join(scratch, 'rows-'));
  try {
    const staged = join(aside, 'rows.csv');
    const read = await stage(question, staged, signal);
    const engine = await DuckDb.open({ folders: [history, aside], spill: join(aside, 'spill'), ...TRANSFER_LIMITS });
    try {
      const added = await add(question, engine, staged, signal);
      const problem = await rollUp(question, engine);
      return { ...read, ...added, known: read.lines - read.leftOutTotal - added.rows, problem };
    } finally {
      engine.close();
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Writes what can be read of a file as lines of our own. */
async function stage(
  { file, format, progress }: ImportQuestion,
  staged: string,
  signal: AbortSignal,
): Promise<Pick<ImportReport, 'lines' | 'leftOut' | 'leftOutTotal'>> {
  const out = createWriteStream(staged, { mode: 0o600 });
  const parser = createReadStream(file, { signal }).pipe(
    parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, delimiter: [',', ';', '\t'] }),
  );
  const leftOut: { line: number; reason: string }[] = [];
  let [lines, leftOutTotal] = [0, 0];
  const lineOf = csvLine(kinds[format.kind]);
  let rowOf: ReturnType<typeof readHeader> | undefined;
  try {
    for await (const each of parser) {
      const { record, info } = each as { record: string[]; info: { lines: number } };
      if (rowOf === undefined) {
        rowOf = readHeader(record, format);
        continue;
      }
      lines += 1;
      if (lines % 100_000 === 0) progress(lines);
      const row = rowOf(record);
      const reason = typeof row === 'string' ? row : faultOf(row);
      if (reason !== undefined || typeof row === 'string') {
        leftOutTotal += 1;
        if (leftOut.length < NAMED_MOST) leftOut.push({ line: info.lines, reason: reason ?? '' });
      } else if (!out.write(lineOf(row))) await once(out, 'drain');
    }
  } catch (error) {
    if (error instanceof HeaderError || error instanceof CsvError)
      throw new TransferError(`${file}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    out.end();
    await once(out, 'close');
  }
  if (rowOf === undefined) throw new TransferError(`${file} is empty; give a CSV file with a header`);
  return { lines, leftOut, leftOutTotal };
}

/** Names as the rest of the history has them. */
function faultOf([monitor, device]: readonly unknown[]): string | undefined {
  for (const [what, name] of Object.entries({ monitor, device })) {
    if (!isId(String(name))) return `${what} ${JSON.stringify(name)} is no id: give small letters, digits and hyphens`;
  }
  return undefined;
}

/** Adds what is new, day by day. */
async function add(
  { format, history }: ImportQuestion,
  { store: lane }: DuckDb,
  staged: string,
  signal: AbortSignal,
): Promise<Pick<ImportReport, 'rows' | 'days'>> {
  const kind = kinds[format.kind];
  const key = kind.key.map(quoted).join(', ');
  await lane.run(
    `CREATE TABLE staged AS SELECT DISTINCT ON (${key}) * FROM (${selectFromCsv(kind)})`,
    { segments: [staged] },
    signal,
  );
  const found = await lane.rows<{ day: Day }>(
    `SELECT DISTINCT strftime("at", '%Y-%m-%d') AS day FROM staged ORDER BY day`,
    {},
    signal,
  );
  const parquet = new ParquetFiles(lane, nodeDisk);
  const catalog = new FolderHistory(history, lane);
  let [rows, days] = [0, 0];
  for (const { day } of found) {
    const span = spanOf(day);
    const { files } = await catalog.sealed(kind.name, span);
    await lane.run(
      `CREATE OR REPLACE TABLE fresh AS SELECT * FROM staged WHERE ${within(span)}
       AND NOT EXISTS (SELECT 1 FROM (${rowsOf(kind, { files, tables: [] })}) AS there
         WHERE ${kind.key.map((name) => `there.${quoted(name)} = staged.${quoted(name)}`).join(' AND ')})`,
      {},
      signal,
    );
    const [count] = await lane.rows<{ rows: number }>('SELECT count(*) AS rows FROM fresh');
    if (count!.rows === 0) continue;
    const folder = join(history, kind.name, day);
    await nodeDisk.makeFolder(folder);
    const name = nextSealedName(format.monitor, await nodeDisk.list(folder));
    await parquet.write(
      {
        ...{ kind, rows: 'SELECT * FROM fresh', isSorted: true },
        target: join(folder, name),
        notes: { kind: kind.name, monitor: format.monitor, replaces: [] },
      },
      signal,
    );
    rows += count!.rows;
    days += 1;
  }
  return { rows, days };
}

/**
 * Makes rollups of all that was ever imported, as a storage would for a monitor of that name: here, since most of it is
 * older than measurements are kept.
 */
async function rollUp({ format, history }: ImportQuestion, { store: lane }: DuckDb): Promise<string> {
  const health = new Health();
  const common = { lane, clock: systemClock, log: pino({ level: 'silent' }), health };
  const files = new RollupFiles({ ...common, folder: history, monitor: format.monitor, disk: nodeDisk });
  const mend = 'import the file once more when that is mended: measurements that are there are not doubled';
  const problem = (reason: string): string => `${reason}; ${mend}, and all rollups that lack are made`;
  try {
    await files.start();
  } catch (error) {
    return problem(error instanceof Error ? error.message : String(error));
  }
  const roller = new Roller({
    ...common,
    history: new FolderHistory(history, lane, isOf(format.monitor)),
    files,
    rawDays: ROLLED_days,
  });
  roller.start();
  await roller.idle();
  await roller.stop();
  const failed = health.parts.get('rollups')?.detail ?? '';
  return failed === '' ? '' : problem(failed.replaceAll(TRIED_AGAIN, ''));
}
