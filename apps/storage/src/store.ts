import { join } from 'node:path';
import type { Id } from '@guaita/model';
import type { Clock, Health } from '@guaita/service';
import type { Logger } from 'pino';
import type { Catalog } from './catalog/catalog.ts';
import { sealedDays } from './catalog/sealed-days.ts';
import { beginOfDay_ms, DAY_ms, dayOf, type Day } from './day.ts';
import type { Disk } from './disk/disk.ts';
import type { Engine } from './engine/engine.ts';
import type { History, Sources, Span } from './history.ts';
import { Journal } from './journal/journal.ts';
import { Lines } from './journal/lines.ts';
import { ownName } from './journal/names.ts';
import type { Segment } from './journal/segment.ts';
import { lineWriter, type WriteLine } from './kinds/csv.ts';
import type { Kind, Row } from './kinds/kind.ts';
import { kindNames, kinds, type KindName } from './kinds/kinds.ts';
import { Layout } from './layout.ts';
import { Leases } from './leases.ts';
import { ParquetFiles } from './parts/parquet.ts';
import { Batch } from './recent/batch.ts';
import { Sealer, type Sealed } from './seal/sealer.ts';
import { settle, type LeftSegment, type Retire } from './seal/settle.ts';
import { Shelf } from './seal/shelf.ts';
import { Upkeep } from './seal/upkeep.ts';

/** A batch of this size takes some 15 MB of memory, 7 MB of journal, and a tenth of a second to read. */
const PART_ROWS = 100_000;
/** What a store is made of. */
export interface StoreOptions {
  /** The service's own folder. */
  readonly folder: string;
  /** The folder `history`, which hosts may share. */
  readonly history: string;
  readonly monitor: Id;
  readonly engine: Engine;
  readonly disk: Disk;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly health: Health;
  /** A day's rows are in a file of `history/` from now on. */
  readonly onSealed?: (sealed: Sealed) => void;
  /** Takes a segment of the journal away that is needed no more; default: removes it. */
  readonly retire?: Retire;
  /** Of a batch, before it becomes a part. */
  readonly partRows?: number;
  /** How much waits in memory at most while the disk is full, in characters. */
  readonly owed_bytes?: number;
}

/**
 * Keeps rows: in the journal before `append` returns, in parts, and once the day on which they were received is over, in
 * `history/`. docs/history.md tells what that promises.
 */
export class Store implements History {
  readonly #options: StoreOptions;
  readonly #layout: Layout;
  readonly #leases = new Leases();
  readonly #catalog: Catalog<KindName>;
  readonly #parquet: ParquetFiles;
  readonly #shelves = new Map<KindName, Shelf>();
  readonly #run: string;
  readonly #journal: Journal;
  readonly #upkeep: Upkeep;
  readonly #retire: Retire;
  /** Lines of the journal that the next `flush` writes. */
  readonly #gathered = new Map<KindName, { readonly write: WriteLine; readonly lines: Lines; rows: number }>();
  #number = 0;
  #day = { from_ms: Infinity, name: '' as Day };

  constructor(options: StoreOptions) {
    const { clock, disk, engine, folder, health, history, log, monitor, random } = options;
    this.#options = options;
    this.#retire = options.retire ?? ((_kind, path) => disk.remove(path));
    this.#layout = new Layout(folder);
    this.#catalog = sealedDays({ folder: history, disk, lane: engine.store, clock, log, health });
    this.#parquet = new ParquetFiles(engine.store, disk);
    this.#run = Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    this.#journal = new Journal({
      folder: this.#layout.journals,
      segments: () => this.#segments(),
      clock,
      log,
      health,
      owed_bytes: options.owed_bytes,
    });
    const parts = { layout: this.#layout, catalog: this.#catalog, disk, parquet: this.#parquet, leases: this.#leases };
    this.#upkeep = new Upkeep({
      sealer: new Sealer({ ...parts, monitor, lane: engine.store, log, run: this.#run, retire: this.#retire }),
      shelves: () => this.#shelves.values(),
      today: () => this.#today(),
      onSealed: (sealed) => options.onSealed?.(sealed),
      clock,
      log,
      health,
    });
  }

  /** Settles what an earlier process has left, and begins. Rows may be appended once it resolves. */
  async start(signal: AbortSignal): Promise<void> {
    const { disk, history, log, monitor } = this.#options;
    const layout = this.#layout;
    for (const name of kindNames) {
      for (const folder of [layout.journal(name), layout.parts(name), join(history, name)])
        await disk.makeFolder(folder);
    }
    await disk.makeFolder(layout.broken);
    await disk.makeFolder(layout.scratch);
    for (const file of await disk.list(layout.scratch)) await disk.remove(join(layout.scratch, file));
    for (const name of kindNames) {
      signal.throwIfAborted();
      const settlement = {
        monitor,
        layout,
        catalog: this.#catalog,
        history,
        disk,
        parquet: this.#parquet,
        log,
        retire: this.#retire,
      };
      const left = await settle(kinds[name], settlement);
      const shelf = new Shelf(kinds[name], left.parts);
      this.#shelves.set(name, shelf);
      for (const day of new Set(left.segments.map((segment) => segment.day))) {
        await this.#restore(
          shelf,
          day,
          left.segments.filter((segment) => segment.day === day),
        );
      }
    }
    this.#journal.start();
    this.#upkeep.start();
  }

  /** Ends it: what is in the journal outlives a loss of power, what was being written is begun anew at the next start. */
  async stop(): Promise<void> {
    this.flush();
    await this.#upkeep.stop();
    await this.#journal.stop();
    this.#shelves.clear();
  }

  /**
   * Keeps rows. Once it returns, no crash of this process loses them; a loss of power at most those of the last 30 s.
   * While the disk does not take them they wait in memory.
   *
   * @throws {JournalFull} when too many wait already; then none of these is kept.
   */
  append(name: KindName, rows: readonly Row[]): void {
    this.gather(name, rows);
    this.flush();
  }

  /**
   * Takes rows that the next `flush` keeps, with all others that were gathered: a write takes longer than to make a row.
   *
   * @throws {JournalFull} as `append` does.
   */
  gather(name: KindName, rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const { kind } = this.#shelf(name);
    this.#journal.checkRoom();
    let gathered = this.#gathered.get(name);
    if (gathered === undefined) {
      gathered = { write: lineWriter(kind), lines: new Lines(), rows: 0 };
      this.#gathered.set(name, gathered);
    }
    for (const row of rows) gathered.write(row, gathered.lines);
    gathered.rows += rows.length;
  }

  /** Keeps what was gathered, as `append` does. */
  flush(): void {
    for (const [name, gathered] of this.#gathered) {
      const { lines, rows } = gathered;
      if (rows === 0) continue;
      this.#keep(this.#shelf(name), lines.bytes, rows);
      lines.clear();
      gathered.rows = 0;
    }
  }

  #keep(shelf: Shelf, lines: Buffer, rows: number): void {
    const batch = this.#batchOf(shelf, this.#today());
    this.#journal.append(batch.segment, lines);
    batch.added(rows);
    if (batch.rows >= (this.#options.partRows ?? PART_ROWS)) {
      shelf.close();
      this.#upkeep.now();
    }
  }

  async sources(name: KindName, span: Span): Promise<Sources> {
    const { log } = this.#options;
    const shelf = this.#shelf(name);
    this.flush();
    await this.#catalog.look(name);
    for (const batch of shelf.batches) {
      // Also where nothing waits: what is being loaded is not in the table yet. What is at hand is worth more than no answer.
      await batch.load().catch((error: unknown) => log.error({ err: error }, 'could not load rows; it is tried again'));
    }
    const sealed = this.#catalog.found(name, span);
    const files = [...shelf.parts.map(({ path }) => path), ...sealed.files];
    const tables = shelf.batches.flatMap(({ isMade, table }) => (isMade ? [table] : []));
    const areComplete = sealed.areComplete && shelf.parts.every(({ contents }) => contents !== undefined);
    return { files, tables, areComplete, release: this.#leases.take([...files, ...tables]) };
  }

  async sealed(name: KindName, span: Span): Promise<Sources> {
    await this.#catalog.look(name);
    const found = this.#catalog.found(name, span);
    return { ...found, tables: [], release: this.#leases.take(found.files) };
  }

  async examine(name: KindName, files: readonly string[]): Promise<string[]> {
    return this.#catalog.examine(name, files);
  }

  async since_ms(name: KindName): Promise<number | undefined> {
    const { batches, parts } = this.#shelf(name);
    await this.#catalog.look(name);
    const [first] = [...this.#catalog.periods(name), ...[...batches, ...parts].map(({ day }) => day)].sort();
    return first === undefined ? undefined : Date.parse(first);
  }

  async remove(name: KindName, files: readonly string[]): Promise<void> {
    this.#catalog.forget(name, files);
    for (const file of files) {
      await this.#leases.whenFree(file);
      await this.#options.disk.remove(file);
      await this.#options.disk.removeFolder(join(file, '..'));
    }
  }

  /** Resolves once what is over is sealed, or could not be. */
  async settled(): Promise<void> {
    await this.#upkeep.idle();
  }

  #shelf(name: KindName): Shelf {
    const shelf = this.#shelves.get(name);
    if (shelf === undefined) throw new Error('a store is asked that does not run');
    return shelf;
  }

  /** Worked out once a day, not once a row. */
  #today(): Day {
    const now_ms = this.#options.clock.now_ms();
    if (now_ms >= this.#day.from_ms && now_ms < this.#day.from_ms + DAY_ms) return this.#day.name;
    this.#day = { from_ms: beginOfDay_ms(now_ms), name: dayOf(now_ms) };
    return this.#day.name;
  }

  #batchOf(shelf: Shelf, day: Day): Batch {
    const { open } = shelf;
    if (open?.day === day) return open;
    const batch = this.#newBatch(shelf.kind, day);
    if (open !== undefined) this.#upkeep.now();
    shelf.begin(batch);
    return batch;
  }

  #newBatch(kind: Kind<KindName>, day: Day, restored: readonly string[] = []): Batch {
    const { disk, engine } = this.#options;
    const number = ++this.#number;
    return new Batch({
      kind,
      day,
      table: `recent_${kind.name}_${this.#run}_${number}`,
      segment: join(this.#layout.journal(kind.name), ownName(day, this.#run, number, 'csv')),
      scratch: this.#layout.scratch,
      disk,
      lane: engine.store,
      restored,
    });
  }

  /** What an earlier process has received on one day: of today, new rows go on from there. */
  async #restore(shelf: Shelf, day: Day, segments: readonly LeftSegment[]): Promise<void> {
    const batch = this.#newBatch(
      shelf.kind,
      day,
      segments.map(({ path }) => path),
    );
    const rows = await batch.restore();
    const lines = segments.reduce((sum, segment) => sum + segment.lines, 0);
    if (rows < lines) {
      this.#options.log.error({ kind: shelf.kind.name, day, lines, rows }, 'some lines of the journal are no rows');
    }
    shelf.begin(batch);
  }

  *#segments(): Iterable<Segment> {
    for (const { batches } of this.#shelves.values()) for (const { segment } of batches) yield segment;
  }
}
