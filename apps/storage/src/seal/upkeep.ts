import type { Health } from '@guaita/service';
import type { Logger } from 'pino';
import type { Day } from '../day.ts';
import type { Sealed, Sealer } from './sealer.ts';
import type { Shelf } from './shelf.ts';

/** What upkeep is made of. */
export interface UpkeepParts {
  readonly sealer: Sealer;
  readonly shelves: () => Iterable<Shelf>;
  readonly today: () => Day;
  readonly onSealed: (sealed: Sealed) => void;
  readonly log: Logger;
  readonly health: Health;
}

/** Makes parts of what is closed and seals days that are over: one after the other, and what fails is tried again later. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #isDue = false;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** Does what is due, now or, while some of it is being done, after that. */
  start(): void {
    this.#isDue = true;
    this.#running ??= this.#run();
  }

  /** Resolves once nothing is being done. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Breaks off what is being done: it leaves nothing behind. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('the store is being stopped'));
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isDue && !this.#abort.signal.aborted) {
      this.#isDue = false;
      const problems: string[] = [];
      for (const shelf of this.#parts.shelves()) await this.#tidy(shelf, problems);
      if (!this.#abort.signal.aborted) {
        this.#parts.health.report('sealing', problems.length === 0, problems.join('; '));
      }
    }
    this.#running = undefined;
  }

  async #tidy(shelf: Shelf, problems: string[]): Promise<void> {
    const { log, onSealed, sealer, today } = this.#parts;
    const { signal } = this.#abort;
    const day = today();
    if (shelf.open !== undefined && shelf.open.day !== day) shelf.close();
    const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
      try {
        if (!signal.aborted) await work();
      } catch (error) {
        if (signal.aborted) return;
        problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}; it is tried again`);
        log.error({ err: error }, `${what} failed; nothing is lost, and it is tried again`);
      }
    };
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
