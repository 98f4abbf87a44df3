import { BusError } from './bus.ts';
import type { Outbox } from './outbox.ts';

interface Waiter {
  /** Everything up to this number has to be settled. */
  readonly upTo: number;
  readonly settled: () => void;
  readonly failed: (error: BusError) => void;
}

/** Those who wait for the outbox to be emptied of what was accepted before they came. */
export class Flushes {
  readonly #waiters = new Set<Waiter>();

  /** @throws {BusError} when the signal aborts before. */
  wait(upTo: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => waiter.failed(new BusError('gave up waiting for the broker to acknowledge'));
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        upTo,
        settled: () => {
          leave();
          resolve();
        },
        failed: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets go whoever has nothing left to wait for. */
  settle(outbox: Outbox): void {
    if (this.#waiters.size === 0) return;
    const first = outbox.firstSequence;
    for (const waiter of this.#waiters) if (waiter.upTo < first) waiter.settled();
  }

  /** Nothing will be settled any more. */
  fail(error: BusError): void {
    for (const waiter of this.#waiters) waiter.failed(error);
  }
}
