import type { Clock, Health, Timer } from '@guaita/service';
import type { Logger } from 'pino';

/** Does a part of a round. What fails is told, and keeps no other part from being done. */
export type Attempt = (what: string, work: () => Promise<void>) => Promise<void>;

/** What health adds to each failure: whoever starts one round only says something else in its place. */
export const TRIED_AGAIN = '; it is tried again';

/** What rounds are made of. */
export interface RoundsParts {
  /** The component of health that tells what failed in the last of them. */
  readonly component: string;
  readonly round: (attempt: Attempt) => Promise<void>;
  readonly every_ms: number;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Logger;
  readonly health: Health;
}

/** What is done over and over, one round after the other: what fails in one is tried again in the next. */
export class Rounds {
  readonly #parts: RoundsParts;
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #isDue = false;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  /** Aborts when they are stopped: for what a round waits for. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Begins: a round now and every so often. */
  start(): void {
    const { clock, every_ms } = this.#parts;
    this.#timer?.cancel();
    this.#timer = clock.after(every_ms, () => this.start());
    this.now();
  }

  /** A round now or, while one runs that may have passed what is new, one more after that. */
  now(): void {
    this.#isDue = true;
    this.#running ??= this.#run();
  }

  /** Resolves once none runs. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Ends: the round that runs is broken off and waited for. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#abort.abort(new Error(`${this.#parts.component}: no more rounds`));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { component, health, log, round } = this.#parts;
    while (this.#isDue && !this.signal.aborted) {
      this.#isDue = false;
      const problems: string[] = [];
      const attempt: Attempt = async (what, work) => {
        try {
          if (!this.signal.aborted) await work();
        } catch (error) {
          if (this.signal.aborted) return;
          problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}${TRIED_AGAIN}`);
          log.error({ err: error }, `${what} failed; nothing is lost, and it is tried again`);
        }
      };
      await attempt(component, () => round(attempt));
      if (!this.signal.aborted) health.report(component, problems.length === 0, problems.join('; '));
    }
    this.#running = undefined;
  }
}
