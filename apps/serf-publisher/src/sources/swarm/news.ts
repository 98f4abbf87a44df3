import type { Clock } from '@guaita/service';

/** News come in bunches: a service's, and some for each of its containers. */
const GATHER_ms = 100;

/** Waits for what a stream tells, whatever it is. */
export class News {
  readonly #clock: Clock;
  #isThere = false;
  #isOver = false;
  #failure: unknown;
  #wake: () => void = () => undefined;

  constructor(stream: AsyncIterable<void>, clock: Clock) {
    this.#clock = clock;
    void this.#listen(stream);
  }

  /** Whether there will be no more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves some time after there are news, once those that come right after them are there, or after `most_ms`.
   *  @throws what broke the stream. */
  async next(most_ms: number): Promise<void> {
    if (!this.#isThere) await this.#until(most_ms, () => this.#isThere);
    if (this.#isThere) await this.#until(GATHER_ms, () => false);
    this.#isThere = false;
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  async #listen(stream: AsyncIterable<void>): Promise<void> {
    try {
      const news = stream[Symbol.asyncIterator]();
      while ((await news.next()).done !== true) {
        this.#isThere = true;
        this.#wake();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#isOver = true;
    this.#wake();
  }

  /** Waits for something, or for the end, at most so long. */
  #until(most_ms: number, isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(most_ms, () => resolve());
      this.#wake = () => {
        if (!isTrue() && !this.#isOver) return;
        timer.cancel();
        resolve();
      };
      this.#wake();
    });
  }
}
