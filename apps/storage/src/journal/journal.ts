import type { Clock, Health, Timer } from '@guaita/service';
import type { Logger } from 'pino';
import type { Segment } from './segment.ts';

/** At most that much is lost where the power fails: what a Pi's card is spared is worth more than half a minute. */
const SYNC_ms = 30_000;
/** How soon it is looked again whether a disk that was full has room. */
const RETRY_ms = 2_000;
/** Half an hour of a site of 1,000 devices. */
const OWED_bytes = 8 * 2 ** 20;

/** Nothing more can be kept: the disk does not take it, and as much waits in memory as may. */
export class JournalFull extends Error {
  override readonly name = 'JournalFull';
}

/** What a journal is made of. */
export interface JournalParts {
  /** Its folder, for people. */
  readonly folder: string;
  /** All that are written to, or were. */
  readonly segments: () => Iterable<Segment>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
  /** How much waits in memory at most while the disk is full. */
  readonly owed_bytes?: number | undefined;
}

/** Looks after the segments: flushes them now and then, and has what a full disk refuses wait until it takes it. */
export class Journal {
  readonly #parts: JournalParts;
  #owed_bytes = 0;
  #syncTimer: Timer | undefined;
  #retryTimer: Timer | undefined;

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  /** Flushes what is written from now on. */
  start(): void {
    this.#scheduleSync();
  }

  /** Tries once more to write what waits; what was written outlives a loss of power. */
  async stop(): Promise<void> {
    this.#settle();
    this.#syncTimer?.cancel();
    this.#retryTimer?.cancel();
    for (const segment of this.#parts.segments()) {
      await segment.sync();
      await segment.close();
    }
  }

  /** To be asked before rows are taken. @throws {JournalFull} when too many wait already. */
  checkRoom(): void {
    const { folder, owed_bytes: limit_bytes = OWED_bytes } = this.#parts;
    if (this.#owed_bytes < limit_bytes) return;
    throw new JournalFull(
      `the journal in ${folder} cannot be written, and ${limit_bytes} bytes of rows wait already; free some space on that disk`,
    );
  }

  /** Writes lines to a segment before it returns, or has them wait. */
  append(segment: Segment, lines: Buffer): void {
    const { owed_bytes } = segment;
    const refusal = segment.append(lines);
    this.#owed_bytes += segment.owed_bytes - owed_bytes;
    if (refusal !== undefined) this.#owes(refusal);
  }

  #scheduleSync(): void {
    this.#syncTimer = this.#parts.clock.after(SYNC_ms, () => {
      this.#scheduleSync();
      void this.#sync();
    });
  }

  async #sync(): Promise<void> {
    try {
      for (const segment of this.#parts.segments()) await segment.sync();
    } catch (error) {
      this.#parts.log.error({ err: error }, 'could not flush the journal; it is tried again');
    }
  }

  /** The disk did not take some rows: they wait in memory. */
  #owes(refusal: unknown): void {
    const { clock, health } = this.#parts;
    const cause = refusal instanceof Error ? refusal.message : String(refusal);
    health.report(
      'journal',
      false,
      `the journal cannot be written (${cause}): rows wait in memory, and are lost if this ends; free some space`,
    );
    this.#retryTimer ??= clock.after(RETRY_ms, () => {
      this.#retryTimer = undefined;
      this.#settle();
    });
  }

  /** Writes what waits in memory, as far as the disk takes it. */
  #settle(): void {
    let refusal: unknown;
    let owed_bytes = 0;
    for (const segment of this.#parts.segments()) {
      try {
        if (refusal === undefined) segment.settle();
      } catch (error) {
        refusal = error;
      }
      owed_bytes += segment.owed_bytes;
    }
    this.#owed_bytes = owed_bytes;
    if (owed_bytes > 0) this.#owes(refusal);
    else this.#parts.health.report('journal', true);
  }
}
