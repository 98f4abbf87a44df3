import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Embedded } from './embedded.ts';
import { REQUESTS, type Ping } from './pings.ts';

/** Where the table stands, in the folder of a store. */
export function sqliteFile(folder: string): string {
  return join(folder, 'history.sqlite');
}

/**
 * SQLite as somebody would use it who thinks of cards: a log that is flushed only when it is moved into the file, a transaction
 * a second, rows in the order of the key, which begins with the device; devices and states by number, times and round trips as
 * whole numbers.
 */
export class SqliteEmbedded implements Embedded {
  readonly #file: string;
  #database: DatabaseSync | undefined;
  #insert: StatementSync | undefined;

  constructor(folder: string) {
    this.#file = sqliteFile(folder);
  }

  async start(): Promise<void> {
    this.#database = new DatabaseSync(this.#file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS ping (
        device INTEGER NOT NULL, at_ms INTEGER NOT NULL, delay_ms INTEGER NOT NULL, up INTEGER NOT NULL,
        sent INTEGER NOT NULL, received INTEGER NOT NULL,
        rtt_min_us INTEGER, rtt_avg_us INTEGER, rtt_max_us INTEGER, jitter_us INTEGER,
        PRIMARY KEY (device, at_ms)
      ) WITHOUT ROWID`);
    this.#insert = this.#database.prepare('INSERT INTO ping VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  }

  prepare(pings: readonly Ping[]): () => void {
    return () => {
      this.#database?.exec('BEGIN');
      for (const { device, at_ms, received_ms, received, rtt } of pings) {
        const trips = [rtt?.min_us ?? null, rtt?.avg_us ?? null, rtt?.max_us ?? null, rtt?.jitter_us ?? null];
        const isUp = rtt === undefined ? 0 : 1;
        this.#insert?.run(device, at_ms, received_ms - at_ms, isUp, REQUESTS, received, ...trips);
      }
      this.#database?.exec('COMMIT');
    };
  }

  async passed(): Promise<void> {}

  /** Until all of its log is in the file. */
  async settle(): Promise<void> {
    this.#database?.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  async stop(): Promise<void> {
    this.#database?.close();
  }
}
