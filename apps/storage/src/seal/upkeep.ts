import type { Clock, Health } from '@guaita/service';
import type { Logger } from 'pino';
import type { Day } from '../day.ts';
import { Rounds, type Attempt } from '../rounds.ts';
import type { Sealed, Sealer } from './sealer.ts';
import type { Shelf } from './shelf.ts';

/** So soon after midnight a day is sealed, and what failed is tried again. */
const LOOK_ms = 30_000;

/** What upkeep is made of. */
export interface UpkeepParts {
  readonly sealer: Sealer;
  readonly shelves: () => Iterable<Shelf>;
  readonly today: () => Day;
  readonly onSealed: (sealed: Sealed) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
}

/** Makes parts of what is closed and seals days that are over: one after the other, and what fails is tried again later. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #rounds: Rounds;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    const { clock, health, log } = parts;
    const round = async (attempt: Attempt): Promise<void> => {
      for (const shelf of parts.shelves()) await this.#tidy(shelf, attempt);
    };
    this.#rounds = new Rounds({ component: 'sealing', round, every_ms: LOOK_ms, clock, health, log });
  }

  /** Does what is due, now and every so often. */
  start(): void {
    this.#rounds.start();
  }

  /** Does what is due by now; what is being done comes first. */
  now(): void {
    this.#rounds.now();
  }

  /** Resolves once nothing is being done. */
  async idle(): Promise<void> {
    await this.#rounds.idle();
  }

  /** Breaks off what is being done: it leaves nothing behind. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  async #tidy(shelf: Shelf, attempt: Attempt): Promise<void> {
    const { onSealed, sealer, today } = this.#parts;
    const { signal } = this.#rounds;
    const day = today();
    if (shelf.open !== undefined && shelf.open.day !== day) shelf.close();
    for (const over of shelf.daysBefore(day)) {
      await attempt(`sealing ${shelf.kind.name} of ${over}`, async () => {
        const sealed = await sealer.seal(shelf, over, signal);
        if (sealed !== undefined) onSealed(sealed);
      });
    }
    for (const batch of shelf.closed.filter((each) => each.day === day)) {
      await attempt(`writing a part of ${shelf.kind.name}`, () => sealer.makePart(shelf, batch, signal));
    }
  }
}
