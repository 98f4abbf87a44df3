import type { Logger } from 'pino';
import { within } from './stop.ts';

/** The process a run lives in; `process` itself but in tests. */
export interface Host {
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  exit(code: number): void;
}

export interface Stoppable {
  /** Settles once there is nothing more to do for it, where that can happen: then it is stopped as by a signal. */
  readonly done?: Promise<void>;
  stop(): Promise<void>;
}

/** Exit codes: what supervisors and scripts read. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

/** What Docker grants before it kills (systemd: 90 s): what has not ended by then is not given longer. */
export const STOP_MS = 10_000;

/**
 * One Ctrl-C reaches us several times: from the terminal, and from npm and whatever else started us, which pass it on.
 * A person who means it again takes longer.
 */
const SAME_SIGNAL_MS = 500;

/**
 * Starts something and keeps it running until SIGINT or SIGTERM or until it is done, then stops it for at most 10 s. A second signal ends
 * the process at once; so does an error that nobody handled.
 *
 * @param start given a signal that aborts when the process is to stop while it still starts.
 * @returns the exit code: 0 when all ended as asked, 1 when it failed or something hung (which the log names).
 */
export async function runUntilStopped(
  start: (signal: AbortSignal) => Promise<Stoppable>,
  log: Logger,
  host: Host = process,
): Promise<number> {
  const stopping = new AbortController();
  const asked = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  let asked_ms = 0;
  const onSignal = (name: unknown): void => {
    if (stopping.signal.aborted) {
      if (performance.now() - asked_ms < SAME_SIGNAL_MS) return;
      log.warn(`${String(name)} again: ending at once`);
      host.exit(EXIT.failure);
      return;
    }
    asked_ms = performance.now();
    log.info(`${String(name)}: stopping`);
    stopping.abort();
  };
  const onFault = (error: unknown): void => {
    log.fatal({ err: error }, 'an error that nobody handled; please report it');
    host.exit(EXIT.failure);
  };
  const listeners: [string, (value: unknown) => void][] = [
    ['SIGINT', onSignal],
    ['SIGTERM', onSignal],
    ['uncaughtException', onFault],
    ['unhandledRejection', onFault],
  ];
  for (const [event, listener] of listeners) host.on(event, listener);
  try {
    const starting = start(stopping.signal);
    const givenUp = asked.then(() => within(STOP_MS, 'the start, which was given up,', starting));
    const running = await Promise.race([starting, givenUp]);
    await Promise.race(running.done === undefined ? [asked] : [asked, running.done]);
    await within(STOP_MS, 'the graceful stop', running.stop());
    log.info('stopped');
    return EXIT.ok;
  } catch (error) {
    if (stopping.signal.aborted && isDueTo(error, stopping.signal.reason)) return EXIT.ok;
    log.fatal({ err: error }, error instanceof Error ? error.message : String(error));
    return EXIT.failure;
  } finally {
    for (const [event, listener] of listeners) host.off(event, listener);
  }
}

/** Tells whether an error, or what caused it, is this reason: a start that was given up because it was asked to. */
function isDueTo(error: unknown, reason: unknown): boolean {
  for (let at = error; at !== undefined; at = at instanceof Error ? at.cause : undefined) {
    if (at === reason) return true;
  }
  return false;
}
