import type { CDPSession, Page } from 'playwright-core';

/** A frame that is being made holds what it is made of, with thousands of rows some 2 MB: the least of several counts. */
const SAMPLES = 5;
const APART_ms = 80;

/** Measures a page's memory by the debugger: what is alive once all rubbish is collected. */
export class Heap {
  readonly #page: Page;
  #session: CDPSession | undefined;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The bytes of objects that are still needed. */
  async used_bytes(): Promise<number> {
    this.#session ??= await this.#page.context().newCDPSession(this.#page);
    const session = this.#session;
    let least = Infinity;
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      await this.#page.waitForTimeout(APART_ms);
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      least = Math.min(least, usedSize);
    }
    return least;
  }
}
