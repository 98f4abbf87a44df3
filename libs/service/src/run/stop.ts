/** What did not end as it should. */
export class StopError extends AggregateError {
  override readonly name = 'StopError';

  constructor(failures: readonly unknown[]) {
    const messages = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
    super(failures, messages.join('; '));
  }
}

/** Something did not end within its time. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Waits for a promise, but no longer than `limit_ms` of the machine's own time.
 *
 * @throws {TimeoutError} that names `what`.
 */
export async function within<T>(limit_ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`${what} did not end within ${limit_ms / 1000} s`)), limit_ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
