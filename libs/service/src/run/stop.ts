/** What did not end as it should. */
export class StopError extends AggregateError {
  override readonly name = 'StopError';

  constructor(failures: readonly unknown[]) {
    const messages = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
    super(failures, messages.join('; '));
  }
}

/**
 * Stops parts that do not need one another, side by side: each to its end, whatever becomes of the others.
 *
 * @throws {StopError} with what went wrong.
 */
export async function stopAll(parts: readonly { stop(): Promise<unknown> }[]): Promise<void> {
  const outcomes = await Promise.allSettled(parts.map(async (part) => part.stop()));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  if (failures.length > 0) throw new StopError(failures);
}

/** Ends things one after the other, each whatever became of the one before. Gives what went wrong. */
export async function endInTurn(ends: readonly (() => unknown)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
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
