import { join } from 'node:path';
import { Health, systemClock } from '@guaita/service';
import { pino } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { SEALED_FILES, sealedDays } from '../catalog/sealed-days.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import type { Lane } from '../engine/engine.ts';
import { quoted } from '../engine/sql.ts';
import type { History, Sources, Span } from '../history.ts';
import { dayOfOwn, parseSealed } from '../journal/names.ts';
import { wholeLines } from '../journal/torn-tail.ts';
import { selectFromCsv } from '../kinds/csv.ts';
import { kinds, type KindName } from '../kinds/kinds.ts';
import { Layout } from '../layout.ts';

/** The sealed files of a folder of history, read beside whoever keeps it. */
export class FolderHistory implements Pick<History, 'sealed' | 'examine'> {
  readonly #catalog: Catalog<KindName>;
  readonly #health = new Health();
  readonly #only: ((path: string) => boolean) | undefined;

  /** @param only which files count; all when left out. */
  constructor(folder: string, lane: Lane, only?: (path: string) => boolean) {
    this.#only = only;
    this.#catalog = sealedDays({
      ...{ folder, lane, disk: nodeDisk, clock: systemClock, health: this.#health },
      log: pino({ level: 'silent' }),
    });
  }

  /** What is left out, and why; `''` when nothing is. */
  get leftOut(): string {
    return this.#health.parts.get(SEALED_FILES)?.detail ?? '';
  }

  async sealed(name: KindName, span: Span): Promise<Sources> {
    await this.#catalog.look(name);
    return { ...this.#catalog.found(name, span, this.#only), tables: [], release: () => undefined };
  }

  examine(name: KindName, files: readonly string[]): Promise<string[]> {
    return this.#catalog.examine(name, files);
  }
}

/**
 * Where all rows of a kind stand that a storage has kept here, which may run meanwhile: what it takes away while we look
 * stands in a later place by then, and comes twice (merge by the kind’s key).
 *
 * @param scratch a folder for what of the journal is read.
 */
export async function everything(
  name: KindName,
  {
    own,
    history,
    scratch,
    lane,
    span,
  }: { own: string; history: FolderHistory; scratch: string; lane: Lane; span: Span },
): Promise<{ files: string[]; tables: string[] }> {
  const layout = new Layout(own);
  const copies: string[] = [];
  for (const segment of await nodeDisk.list(layout.journal(name))) {
    if (dayOfOwn(segment, 'csv') === undefined) continue;
    const path = join(layout.journal(name), segment);
    if ((await nodeDisk.stat(path)) === undefined) continue;
    const bytes = await nodeDisk.read(path);
    const copy = join(scratch, segment);
    await nodeDisk.write(copy, bytes.subarray(0, wholeLines(bytes).size_bytes));
    copies.push(copy);
  }
  const tables: string[] = [];
  if (copies.length > 0) {
    await lane.run(`CREATE OR REPLACE TABLE ${quoted(JOURNAL)} AS ${selectFromCsv(kinds[name])}`, { segments: copies });
    tables.push(JOURNAL);
    for (const copy of copies) await nodeDisk.remove(copy);
  }
  const parts = (await nodeDisk.list(layout.parts(name)))
    .filter((part) => dayOfOwn(part, 'parquet') !== undefined)
    .map((part) => join(layout.parts(name), part));
  const { files } = await history.sealed(name, span);
  return { files: [...parts, ...files], tables };
}

const JOURNAL = 'journal_rows';

/** Whether a file was sealed by a monitor. */
export function isOf(monitor: string): (path: string) => boolean {
  return (path) => parseSealed(path.slice(path.lastIndexOf('/') + 1))?.monitor === monitor;
}
