import { vi } from 'vitest';

/** How long a test that fails takes to say so; well below the time that tests have (vitest.config.mjs). */
const PATIENCE_ms = 120_000;

export interface Eventually {
  /** Where an honest test may have to wait for longer than two minutes. */
  readonly timeout?: number;
  /** Between two looks, where each of them is dear. Default 50 ms. */
  readonly interval?: number;
}

/**
 * Waits until an assertion holds. For long: on a busy machine anything may take a while, and how long it takes is no part
 * of what such an assertion says.
 *
 * @returns what it gave when it held.
 * @throws what it threw last.
 */
export function eventually<T>(assertion: () => T | Promise<T>, options: Eventually = {}): Promise<T> {
  return vi.waitFor(assertion, { timeout: PATIENCE_ms, ...options });
}
