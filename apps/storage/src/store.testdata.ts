import { join } from 'node:path';
import { Health, ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { Disk } from './disk/disk.ts';
import { nodeDisk } from './disk/node-disk.ts';
import type { DuckDb } from './engine/duckdb.ts';
import type { Engine } from './engine/engine.ts';
import { engineOver, scratchFolder } from './engine/scratch.testdata.ts';
import type { Row } from './kinds/kind.ts';
import { kinds, type KindName } from './kinds/kinds.ts';
import { rowsOf } from './parts/rows-of.ts';
import { Store, type StoreOptions } from './store.ts';

/** The end of a day is near. */
export const EVENING_ms = Date.UTC(2026, 10, 22, 23, 0);
export const EVER = { from_ms: -Infinity, to_ms: Infinity };

/** A clock that can be set. */
export class WallClock extends ManualClock {
  #set_ms = 0;

  override now_ms(): number {
    return super.now_ms() + this.#set_ms;
  }

  /** Another time of day at once: nothing that was due in between is done. */
  set(by_ms: number): void {
    this.#set_ms += by_ms;
  }
}

/** Names of tables are of an engine, which several places may share. */
let runs = 0;

/** A folder, an engine over it, and stores that come and go there. */
export class Place {
  readonly folder: string;
  readonly engine: DuckDb;
  readonly log: string[] = [];
  clock = new WallClock(EVENING_ms);
  health = new Health();

  constructor(folder: string, engine: DuckDb) {
    this.folder = folder;
    this.engine = engine;
  }

  static async make(): Promise<Place> {
    const folder = scratchFolder();
    return new Place(folder, await engineOver(folder));
  }

  get history(): string {
    return join(this.folder, 'history');
  }

  get own(): string {
    return join(this.folder, 'storage');
  }

  /** A store that has not started. */
  store({
    disk = nodeDisk,
    engine = this.engine,
    ...options
  }: Partial<StoreOptions> & { disk?: Disk; engine?: Engine } = {}): Store {
    const run = ++runs;
    return new Store({
      folder: this.own,
      history: this.history,
      monitor: 'lookout',
      engine,
      disk,
      clock: this.clock,
      random: () => run / 2 ** 20,
      log: pino({ level: 'warn' }, { write: (line: string) => void this.log.push(line) }),
      health: this.health,
      ...options,
    });
  }

  /** A store that runs until the test ends. */
  async started(options: Partial<StoreOptions> = {}): Promise<Store> {
    const store = this.store(options);
    await store.start(AbortSignal.timeout(10_000));
    onTestFinished(() => store.stop());
    return store;
  }

  /** What a reader finds: how often each row is there, by what tells it apart. */
  async found(store: Store, kind: KindName = 'ping', { merged = false } = {}): Promise<number[]> {
    const sources = await store.sources(kind, EVER);
    try {
      const rows = await this.engine.queries.rows(
        `SELECT ${merged ? 'DISTINCT' : ''} sent FROM (${rowsOf(kinds[kind], sources)}) ORDER BY sent`,
      );
      return rows.map(({ sent }) => Number(sent));
    } finally {
      sources.release();
    }
  }
}

/** A row that `n` tells apart. */
export function pingRowNumber(n: number, { at_ms = EVENING_ms + n, monitor = 'lookout' } = {}): Row {
  return [monitor, `device-${n % 7}`, at_ms, 3, 'up', n, 3, 0.5, 1.25, 2, 0.125, null];
}

/** From `from` up to `to`, the end left out. */
export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
