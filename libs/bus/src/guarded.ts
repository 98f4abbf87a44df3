import type { BusLog } from './bus-options.ts';

/** Calls somebody's callback. A fault in it is logged: it must not end the connection that all others share. */
export function guarded(log: BusLog, what: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    log('error', `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
