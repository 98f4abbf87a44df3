/** A timer that was set; `cancel` may be called at any time, also after it has fired. */
export interface Timer {
  cancel(): void;
}

/** Time as services see it. Passed in, so that tests decide what time it is. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970, for people and payloads only: it may jump. */
  now_ms(): number;
  /** Milliseconds that never go back, for measuring and deciding. */
  monotonic_ms(): number;
  /** Calls back once, `delay_ms` from now. Holds no process open that has nothing else to do. */
  after(delay_ms: number, callback: () => void): Timer;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now_ms: () => Date.now(),
  monotonic_ms: () => performance.now(),
  after(delay_ms, callback) {
    const timer = setTimeout(callback, delay_ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Waits for so long, or until the signal is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.after(ms, end);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** A clock that stands still until `advance`: the twin for tests. */
export class ManualClock implements Clock {
  #elapsed_ms = 0;
  readonly #epoch_ms: number;
  readonly #timers = new Set<{ due_ms: number; callback: () => void }>();

  constructor(epoch_ms = Date.UTC(2026, 0, 1)) {
    this.#epoch_ms = epoch_ms;
  }

  now_ms(): number {
    return this.#epoch_ms + this.#elapsed_ms;
  }

  monotonic_ms(): number {
    return this.#elapsed_ms;
  }

  after(delay_ms: number, callback: () => void): Timer {
    const timer = { due_ms: this.#elapsed_ms + Math.max(0, delay_ms), callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Lets time pass, firing timers in the order they are due; promises settle between them. */
  async advance(by_ms: number): Promise<void> {
    const end_ms = this.#elapsed_ms + by_ms;
    for (;;) {
      await settle();
      const next = [...this.#timers].sort((a, b) => a.due_ms - b.due_ms)[0];
      if (next === undefined || next.due_ms > end_ms) break;
      this.#elapsed_ms = Math.max(this.#elapsed_ms, next.due_ms);
      this.#timers.delete(next);
      next.callback();
    }
    this.#elapsed_ms = end_ms;
    await settle();
  }
}

/** Lets all pending promise callbacks run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
