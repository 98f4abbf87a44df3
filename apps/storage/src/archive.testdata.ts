import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { beginOfDay_ms, DAY_ms } from './day.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { HistoryReader } from './query/history-reader.ts';
import type { Place } from './store.testdata.ts';
import type { Store, StoreOptions } from './store.ts';
import { Roller } from './rollup/roller.ts';
import { RollupFiles } from './rollup/rollup-files.ts';

/** A store with all that puts its rows together and reads them. */
export class Archive {
  readonly place: Place;
  readonly store: Store;
  readonly files: RollupFiles;
  readonly roller: Roller;
  readonly reader: HistoryReader;

  private constructor(place: Place, store: Store, monitor: string, atOnce: number | undefined) {
    const { clock, engine, health } = place;
    const log = pino({ level: 'warn' }, { write: (line: string) => void place.log.push(line) });
    const parts = { clock, health, log, lane: engine.store };
    this.place = place;
    this.store = store;
    this.files = new RollupFiles({ ...parts, folder: place.history, monitor, disk: nodeDisk });
    this.roller = new Roller({ ...parts, history: store, files: this.files, rawDays: 30, ...(atOnce && { atOnce }) });
    this.reader = new HistoryReader({
      ...{ history: store, rollups: this.files, lane: engine.queries },
      now_ms: () => clock.now_ms(),
    });
  }

  /** @param atOnce how many measurements are put together at a time. */
  static async begin(
    place: Place,
    { atOnce, ...options }: Partial<StoreOptions> & { atOnce?: number } = {},
  ): Promise<Archive> {
    const store = await place.started(options);
    const archive = new Archive(place, store, options.monitor ?? 'lookout', atOnce);
    await archive.files.start();
    onTestFinished(() => archive.roller.stop());
    return archive;
  }

  /** It becomes a quarter past midnight after so many days, what is over is sealed, and rolled up. */
  async daysLater(days = 1): Promise<void> {
    const { clock } = this.place;
    const midnight_ms = beginOfDay_ms(clock.now_ms()) + days * DAY_ms;
    await clock.advance(midnight_ms + 15 * 60_000 - clock.now_ms());
    await this.store.settled();
    await this.roll();
  }

  /** Puts together what is due. */
  async roll(): Promise<void> {
    await this.roller.idle();
    this.roller.start();
    await this.roller.idle();
  }
}

/** All rows of an answer. */
export async function all<Row>(rows: AsyncIterable<Row> | Iterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
