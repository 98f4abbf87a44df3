import type { CDPSession, Page } from 'playwright-core';

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
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize;
  }
}
