import { endInTurn, STOP_MS, StopError, stopAll, within } from '@guaita/service';

/** The broker's part of the time: it says goodbye to its clients and writes what it keeps. */
const BROKER_STOP_MS = 2_000;

interface Part {
  stop(): Promise<unknown>;
}

/**
 * Stops what uses a broker, side by side, and then the broker: also when one of the others hangs, since what the
 * broker still knows only in memory would be lost.
 *
 * @throws {StopError} with what did not end as it should.
 */
export async function stopMonitor(users: readonly Part[], broker: Part | undefined): Promise<void> {
  const failures: unknown[] = [];
  const limit_ms = broker === undefined ? STOP_MS : STOP_MS - BROKER_STOP_MS;
  await within(limit_ms, 'the services and the live view', stopAll(users)).catch((error: unknown) =>
    failures.push(error),
  );
  await broker?.stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new StopError(failures);
}

/**
 * Stops parts one after the other, each whatever became of the one before.
 *
 * @throws {StopError} with what did not end as it should.
 */
export async function stopInTurn(parts: readonly Part[]): Promise<void> {
  const failures = await endInTurn(parts.map((part) => () => part.stop()));
  if (failures.length > 0) throw new StopError(failures);
}
