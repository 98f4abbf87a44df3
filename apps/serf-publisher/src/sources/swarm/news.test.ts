import { ManualClock } from '@guaita/service';
import { beforeEach, describe, expect, it } from 'vitest';
import { News } from './news.ts';

/** A stream of news that a test tells. */
class Wire implements AsyncIterable<void> {
  readonly #waiting: (() => void)[] = [];
  #unread = 0;
  #end: { readonly error?: Error } | undefined;

  tell(): void {
    this.#unread += 1;
    this.#wake();
  }

  end(error?: Error): void {
    this.#end = error === undefined ? {} : { error };
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<void, void> {
    for (;;) {
      if (this.#unread > 0) {
        this.#unread -= 1;
        yield;
      } else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      } else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

describe('news', () => {
  let clock: ManualClock;
  let wire: Wire;
  let news: News;
  /** When `next` resolved, or what it threw. */
  let came: (number | Error)[];

  beforeEach(() => {
    clock = new ManualClock();
    wire = new Wire();
    news = new News(wire, clock);
    came = [];
  });

  /** Waits for news again and again, each time at most a minute. */
  async function follow(): Promise<void> {
    try {
      while (!news.isOver) {
        await news.next(60_000);
        came.push(clock.monotonic_ms());
      }
    } catch (error) {
      came.push(error as Error);
    }
  }

  it('are waited for, with those that come right after them', async () => {
    void follow();
    await clock.advance(1_000);
    for (let count = 0; count < 10; count += 1) wire.tell();
    await clock.advance(50);
    wire.tell();
    await clock.advance(1_000);
    expect(came).toEqual([1_100]);
    wire.tell();
    await clock.advance(1_000);
    expect(came).toEqual([1_100, 2_150]);
  });

  it('are not waited for without end', async () => {
    void follow();
    await clock.advance(125_000);
    expect(came).toEqual([60_000, 120_000]);
  });

  it('that came before somebody waits are not lost', async () => {
    wire.tell();
    await clock.advance(0);
    void follow();
    await clock.advance(1_000);
    expect(came).toEqual([100]);
  });

  it('that are over are waited for no longer', async () => {
    void follow();
    await clock.advance(1_000);
    wire.end();
    await clock.advance(1_000);
    expect(came).toEqual([1_000]);
    expect(news.isOver).toBe(true);
  });

  it('that break off say why, also where nobody waited then', async () => {
    const why = new Error('cut');
    wire.end(why);
    await clock.advance(1_000);
    void follow();
    await clock.advance(1_000);
    expect(came).toEqual([]);
    await expect(news.next(60_000)).rejects.toBe(why);
  });
});
