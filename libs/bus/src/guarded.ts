import type { BusLog } from './bus-options.ts';
import { NotTaken } from './bus.ts';

/**
 * Calls somebody's callback. A fault in it is logged: it must not end the connection that all others share.
 *
 * @throws {NotTaken} as the callback does.
 */
export function guarded(log: BusLog, what: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    if (error instanceof NotTaken) throw error;
    log('error', `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
