/** Runs something later. */
export interface Timers {
  /** @returns what cancels it. */
  after(wait_ms: number, run: () => void): () => void;
}

/** The process's own. */
export const systemTimers: Timers = {
  after(wait_ms, run) {
    const timer = setTimeout(run, wait_ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after a pause, or as soon as the signal is aborted. */
export function pause(timers: Timers, wait_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.after(wait_ms, end);
    signal.addEventListener('abort', end, { once: true });
  });
}
