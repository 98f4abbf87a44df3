import { connect, type Socket } from 'node:net';
import { showAddress, type Address } from './address.ts';
import { ConnectionClosedError } from './errors.ts';
import type { Timers } from './timers.ts';

export interface SocketOptions {
  readonly address: Address;
  readonly connectTimeout_ms: number;
  readonly timers: Timers;
}

/**
 * Opens a socket.
 *
 * @param use takes it in the moment in which it opens, so that no event of it goes by unheard.
 * @throws {ConnectionClosedError} when nobody accepts within the time for it.
 */
export function openSocket<T>(
  { address, connectTimeout_ms, timers }: SocketOptions,
  signal: AbortSignal,
  use: (socket: Socket) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ ...address, noDelay: true, keepAlive: true });
    const fail = (cause: unknown): void => {
      settled();
      socket.destroy();
      reject(new ConnectionClosedError(`cannot connect to ${showAddress(address)}: ${reasonOf(cause)}`, { cause }));
    };
    const cancel = timers.after(connectTimeout_ms, () => fail(new Error(`no answer within ${connectTimeout_ms} ms`)));
    const abort = (): void => fail(signal.reason);
    const settled = (): void => {
      cancel();
      signal.removeEventListener('abort', abort);
      socket.off('error', fail);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', fail);
    socket.once('connect', () => {
      settled();
      resolve(use(socket));
    });
  });
}

/** A host of several addresses fails at each of them, and Node gives all failures without a text of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
