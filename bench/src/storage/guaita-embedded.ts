import { join } from 'node:path';
import { Health, ManualClock, systemClock, type Clock } from '@guaita/service';
import { storage } from '@guaita/storage';
import { nodeDisk } from '@guaita/storage/disk';
import { DuckDb } from '@guaita/storage/engine';
import { pingRow } from '@guaita/storage/ping';
import { Roller } from '@guaita/storage/roller';
import { RollupFiles } from '@guaita/storage/rollup-files';
import { Store } from '@guaita/storage/store';
import { pino } from 'pino';
import type { Embedded, Job } from './embedded.ts';
import { rowOfPing } from './ping-row.ts';
import { BEGIN_ms, DAY_ms, deviceId, MONITOR, observationOf, type Ping } from './pings.ts';

/** So much memory spares parts: a day of 1,000 devices is sorted at once. */
const FILLED_bytes = 2 ** 30;

/** Rollups of a day are made so long after its end. */
const ROLLED_ms = 15 * 60_000;

/** Our own: what the storage service has below what hears messages, as it puts it together, with its defaults. */
export class GuaitaEmbedded implements Embedded {
  readonly #folder: string;
  readonly #pace: Job['pace'];
  /** Time is played. */
  readonly #played: ManualClock | undefined;
  #engine: DuckDb | undefined;
  #store: Store | undefined;
  #roller: Roller | undefined;

  constructor(folder: string, pace: Job['pace']) {
    this.#folder = folder;
    this.#pace = pace;
    this.#played = pace === 'real' ? undefined : new ManualClock(BEGIN_ms);
  }

  async start(): Promise<void> {
    const isFilled = this.#pace === 'filled';
    const { memory_mb, spill_mb, threads } = storage.config.parse({});
    const folder = join(this.#folder, 'storage');
    const history = join(this.#folder, 'history');
    this.#engine = await DuckDb.open({
      ...{ folders: [folder, history], spill: join(folder, 'spill'), queries: 1, threads },
      ...{ memory_bytes: isFilled ? FILLED_bytes : memory_mb * 2 ** 20, spill_bytes: spill_mb * 2 ** 20 },
    });
    const clock: Clock = this.#played ?? systemClock;
    const log = pino({ level: 'warn' }, pino.destination(2));
    const parts = { monitor: MONITOR, disk: nodeDisk, clock, log, health: new Health() };
    this.#store = new Store({
      ...{ ...parts, folder, history, engine: this.#engine, random: Math.random },
      ...(isFilled ? { partRows: Infinity } : {}),
    });
    await this.#store.start(new AbortController().signal);
    const lane = this.#engine.store;
    const files = new RollupFiles({ ...parts, folder: history, lane });
    await files.start();
    this.#roller = new Roller({ ...parts, history: this.#store, files, lane, rawDays: 30 });
    this.#roller.start();
  }

  prepare(pings: readonly Ping[]): () => void {
    if (this.#pace === 'filled') return () => this.#store?.append('ping', pings.map(rowOfPing));
    const heard = pings.map((ping) => ({ ...ping, device: deviceId(ping.device), seen: observationOf(ping) }));
    return () => {
      // Each is a message of its own; those of a second come together.
      for (const { device, received_ms, seen } of heard)
        this.#store?.gather('ping', [pingRow({ monitor: MONITOR, received_ms }, device, seen)]);
      this.#store?.flush();
    };
  }

  async passed(ms: number): Promise<void> {
    if (this.#played === undefined) return;
    await this.#played.advance(ms);
    // Played so fast it would never get to do what it does at night.
    if ((this.#played.now_ms() - BEGIN_ms) % DAY_ms < ms) await this.#store?.settled();
    await this.#roller?.idle();
  }

  /** Until the last day is sealed, and rolled up. */
  async settle(): Promise<void> {
    if (this.#played === undefined) return;
    await this.#played.advance(60_000);
    await this.#store?.settled();
    await this.#played.advance(ROLLED_ms);
    await this.#roller?.idle();
    this.#roller?.start();
    await this.#roller?.idle();
  }

  async stop(): Promise<void> {
    await this.#roller?.stop();
    await this.#store?.stop();
    this.#engine?.close();
  }
}
