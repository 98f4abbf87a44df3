import { BusError, type Wire } from '@guaita/bus';
import { createLogger, type CommonConfig } from '@guaita/service';
import { readerWire } from './reader.ts';

/** A broker that is there answers in milliseconds; a person waits no longer than this. */
const PATIENCE_MS = 5_000;

/** The broker cannot be asked: neither yes nor no. A code of its own, since it says nothing of what was asked. */
export const CANNOT_TELL = 3;

/** Why the broker cannot be asked. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/**
 * Connects for as long as some work lasts.
 *
 * @param purpose in the client id, for who looks at the broker's log.
 * @throws {UnreachableError} when the broker is not there or does not let us in, with what to do.
 */
export async function withBroker<Result>(
  common: Pick<CommonConfig, 'mqtt' | 'base'>,
  purpose: string,
  work: (wire: Wire) => Promise<Result>,
): Promise<Result> {
  // What goes wrong is told by the error; it is not to be logged beside it.
  const wire = readerWire(common, purpose, createLogger({ level: 'silent', format: 'json' }), Math.random);
  try {
    await wire.bus.start(AbortSignal.timeout(PATIENCE_MS));
    return await work(wire);
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    const mend = 'start a monitor, or name its broker with --broker; a user with GUAITA_MQTT_USERNAME and …_PASSWORD';
    throw new UnreachableError(`${error.message}; ${mend}`, { cause: error });
  } finally {
    await wire.bus.stop(500);
  }
}
