/** What is said within this time is written together. */
const TOGETHER_ms = 50;

/** Waits until something is due, which may come to be due earlier than was thought. */
export class Sleeper {
  #reconsider: () => void = () => {};

  /** What is due, and when, has changed. */
  wake(): void {
    this.#reconsider();
  }

  /** @param dueAt_ms when the next thing is due, by the monotonic clock. Asked again at each `wake`. */
  sleep(dueAt_ms: () => number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const soonest = (): number => Math.max(dueAt_ms(), performance.now() + TOGETHER_ms);
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#reconsider = () => {};
        resolve();
      };
      let until_ms = soonest();
      let timer = setTimeout(end, until_ms - performance.now());
      this.#reconsider = () => {
        const earlier_ms = soonest();
        // Never later: whoever talks without a pause must be heard too.
        if (earlier_ms >= until_ms) return;
        until_ms = earlier_ms;
        clearTimeout(timer);
        timer = setTimeout(end, until_ms - performance.now());
      };
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    });
  }
}
