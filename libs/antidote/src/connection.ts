import { connect, type Socket } from 'node:net';
import { showAddress, type Address } from './address.ts';
import { AntidoteError, ConnectionClosedError, ProtocolError, RequestTimeoutError } from './errors.ts';
import { encodeFrame, FrameReader } from './wire/frames.ts';
import { answerTo } from './wire/replies.ts';
import type { Request } from './wire/requests.ts';

export interface ConnectionOptions {
  readonly connectTimeout_ms: number;
  /** Longer answers are refused, and the connection given up. */
  readonly largestAnswer_bytes: number;
}

interface Pending {
  readonly request: Request;
  readonly timer: NodeJS.Timeout;
  resolve(body: Uint8Array): void;
  reject(error: unknown): void;
}

/**
 * One connection. The protocol has no request ids: answers come in the order of the requests, which may be sent without
 * waiting. Whatever breaks that order (an answer that is late or strange) ends the connection.
 */
export class Connection {
  readonly name: string;
  /** Resolves with the reason when the connection has ended. */
  readonly ended: Promise<AntidoteError>;
  readonly #socket: Socket;
  readonly #frames: FrameReader;
  /** In the order of their requests. A `Set` keeps it, and gives up its first in one step. */
  readonly #pending = new Set<Pending>();
  #end: ((reason: AntidoteError) => void) | undefined;
  #reason: AntidoteError | undefined;

  private constructor(socket: Socket, name: string, { largestAnswer_bytes }: ConnectionOptions) {
    this.name = name;
    this.#socket = socket;
    this.#frames = new FrameReader(largestAnswer_bytes);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    let cause: Error | undefined;
    socket.on('error', (error) => (cause = error));
    socket.on('close', () => this.close(new ConnectionClosedError(`${name} closed the connection`, { cause })));
    socket.on('data', (piece) => this.#received(piece));
  }

  /**
   * Connects to a server.
   *
   * @throws {ConnectionClosedError} when it does not accept within the time for it.
   */
  static open(address: Address, options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    const name = showAddress(address);
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const socket = connect({ ...address, noDelay: true, keepAlive: true });
      const fail = (cause: unknown): void => {
        settled();
        socket.destroy();
        reject(new ConnectionClosedError(`cannot connect to ${name}: ${reasonOf(cause)}`, { cause }));
      };
      const timer = setTimeout(
        () => fail(new Error(`no answer within ${options.connectTimeout_ms} ms`)),
        options.connectTimeout_ms,
      );
      const abort = (): void => fail(signal.reason);
      const settled = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        socket.off('error', fail);
      };
      signal.addEventListener('abort', abort, { once: true });
      socket.on('error', fail);
      socket.once('connect', () => {
        settled();
        resolve(new Connection(socket, name, options));
      });
    });
  }

  /**
   * Sends a request, behind those that still wait.
   *
   * @param signal ends the wait only: the request is on its way, and its answer is passed over when it comes.
   * @returns the body of the answer.
   */
  request(request: Request, timeout_ms: number, signal?: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#reason !== undefined) throw closed(request, this.#reason);
      const abort = (): void => reject(signal?.reason as Error);
      const timer = setTimeout(() => {
        const late = `${this.name}: ${request.name}: no answer within ${timeout_ms} ms`;
        pending.reject(new RequestTimeoutError(late));
        this.close(new RequestTimeoutError(late));
      }, timeout_ms);
      const pending: Pending = {
        request,
        timer,
        resolve: (body) => {
          signal?.removeEventListener('abort', abort);
          resolve(body);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', abort);
          reject(error instanceof Error ? error : new AntidoteError(String(error)));
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.add(pending);
      this.#socket.write(encodeFrame(request));
    });
  }

  /** Ends the connection; what still waits fails with the reason. */
  close(reason: AntidoteError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#socket.destroy();
    for (const pending of this.#pending) {
      clearTimeout(pending.timer);
      pending.reject(closed(pending.request, reason));
    }
    this.#pending.clear();
    this.#end?.(reason);
  }

  #received(piece: Uint8Array): void {
    if (this.#reason !== undefined) return;
    try {
      for (const frame of this.#frames.push(piece)) {
        const [first] = this.#pending;
        if (first === undefined) throw new ProtocolError('an answer came that nothing had asked for');
        this.#pending.delete(first);
        clearTimeout(first.timer);
        try {
          first.resolve(answerTo(first.request, frame));
        } catch (error) {
          first.reject(error);
          if (error instanceof ProtocolError) throw error;
        }
      }
    } catch (error) {
      this.close(
        error instanceof AntidoteError ? error : new ProtocolError(`${this.name}: unreadable`, { cause: error }),
      );
    }
  }
}

/** A host of several addresses fails at each of them, and Node gives all failures without a text of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}

function closed(request: Request, reason: AntidoteError): ConnectionClosedError {
  return new ConnectionClosedError(`${request.name}: ${reason.message}`, { cause: reason });
}
