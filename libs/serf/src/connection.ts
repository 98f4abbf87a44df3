import type { Socket } from 'node:net';
import { showAddress } from './address.ts';
import { ConnectionClosedError, ProtocolError, refusal, RequestTimeoutError, SerfError } from './errors.ts';
import { bodyFollows, encodeRequest, simple, type Request } from './request.ts';
import { openSocket, type SocketOptions } from './socket.ts';
import type { Timers } from './timers.ts';
import { countIn, fieldsOf, textIn, type Fields } from './wire/fields.ts';
import { ValueReader } from './wire/value-reader.ts';
import type { Bounds } from './wire/value-scanner.ts';

export interface ConnectionOptions extends SocketOptions {
  /** What the agent wants to hear before it does anything, if it wants something. */
  readonly authKey: string | undefined;
  readonly requestTimeout_ms: number;
  readonly bounds: Bounds;
}

/** Takes what follows the answer to a request. */
export interface Records {
  record(record: Fields): void;
  /** The connection ended, before the agent said that no more comes. */
  ended(reason: SerfError): void;
}

interface Pending {
  readonly request: Request<unknown>;
  readonly seq: number;
  /** Takes the records that follow the answer, where there are such. */
  readonly records: Records | undefined;
  /** Reads the body, and gives it to who waits. */
  answer(body: Fields): void;
  reject(error: Error): void;
}

const NO_BODY: Fields = new Map();

/** The only version of the protocol that there has been. */
const VERSION = 1;

/**
 * One connection to an agent, which answers requests one after the other, and sends the records of streams in between, each
 * under the number of the request that asked for them.
 */
export class Connection {
  readonly name: string;
  /** Resolves with the reason when the connection has ended. */
  readonly ended: Promise<SerfError>;
  readonly #socket: Socket;
  readonly #timers: Timers;
  readonly #values: ValueReader;
  /** In the order of their requests, which is that of the answers. */
  readonly #pending = new Set<Pending>();
  /** Streams, by the number of their requests. */
  readonly #streams = new Map<number, Records>();
  /** Takes the next value, when the header before it has said whose it is. */
  #body: ((body: Fields) => void) | undefined;
  #lastSeq = 0;
  #cancelTimeout: (() => void) | undefined;
  #end: ((reason: SerfError) => void) | undefined;
  #reason: SerfError | undefined;

  private constructor(socket: Socket, { address, bounds, timers }: ConnectionOptions) {
    this.name = showAddress(address);
    this.#socket = socket;
    this.#timers = timers;
    this.#values = new ValueReader(bounds);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    let cause: Error | undefined;
    socket.on('error', (error) => (cause = error));
    socket.on('close', () => this.close(new ConnectionClosedError(`${this.name} closed the connection`, { cause })));
    socket.on('data', (piece) => this.#received(piece));
  }

  /**
   * Connects to an agent, and introduces itself.
   *
   * @throws {ConnectionClosedError} when the agent does not accept within the time for it.
   * @throws {AuthenticationError} when it does not like the key.
   */
  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    const connection = await openSocket(options, signal, (socket) => new Connection(socket, options));
    const stop = (): void => connection.close(new ConnectionClosedError('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    try {
      const say = (command: string, body: Record<string, unknown>): Promise<void> =>
        connection.request(simple(command, body, options.requestTimeout_ms));
      await say('handshake', { Version: VERSION });
      if (options.authKey !== undefined) await say('auth', { AuthKey: options.authKey });
      // An agent that wants a key says so to whatever comes next: to something harmless, before anybody waits.
      else await say('stop', { Stop: 0 });
      return connection;
    } catch (error) {
      connection.close(new ConnectionClosedError('not connected', { cause: error }));
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /**
   * Sends a request, behind those that still wait.
   *
   * @param signal ends the wait only: the request is on its way, and its answer is passed over when it comes.
   * @throws {RequestRefusedError} when the agent answers with an error.
   */
  request<T>(request: Request<T>, signal?: AbortSignal): Promise<T> {
    return this.#send(request, signal, undefined).answered;
  }

  /**
   * Sends a request that is answered and then followed by records.
   *
   * @param records takes them. They do not end with a `stop`: the agent first sends what it had queued.
   * @returns its number, and the answer.
   */
  stream<T>(request: Request<T>, records: Records, signal?: AbortSignal): { seq: number; answered: Promise<T> } {
    return this.#send(request, signal, records);
  }

  /** The agent has said that it sends no more records under this number. */
  over(seq: number): void {
    this.#streams.delete(seq);
  }

  /** Ends the connection; what still waits fails with the reason. */
  close(reason: SerfError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#cancelTimeout?.();
    this.#socket.destroy();
    for (const pending of this.#pending) pending.reject(closed(pending.request, reason));
    this.#pending.clear();
    for (const stream of this.#streams.values()) stream.ended(reason);
    this.#streams.clear();
    this.#end?.(reason);
  }

  /** Ends the connection for what went wrong with the request whose turn it is, if one waits. */
  #fail(reason: SerfError): void {
    const [first] = this.#pending;
    first?.reject(reason);
    this.close(reason);
  }

  #send<T>(request: Request<T>, signal: AbortSignal | undefined, records: Records | undefined) {
    const seq = ++this.#lastSeq;
    const answered = new Promise<T>((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#reason !== undefined) throw closed(request, this.#reason);
      const abort = (): void => reject(signal?.reason as Error);
      const settled = (): void => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.add({
        request,
        seq,
        records,
        answer: (body) => {
          resolve(request.read(body));
          settled();
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      if (this.#pending.size === 1) this.#watchFirst();
      this.#socket.write(encodeRequest(request, seq));
    });
    return { seq, answered };
  }

  /** The agent works on one request at a time: the clock of the next one starts when it is done with the one before. */
  #watchFirst(): void {
    this.#cancelTimeout?.();
    const [first] = this.#pending;
    this.#cancelTimeout =
      first &&
      this.#timers.after(first.request.timeout_ms, () => {
        const { command, timeout_ms } = first.request;
        this.#fail(new RequestTimeoutError(`${this.name}: ${command}: no answer within ${timeout_ms} ms`));
      });
  }

  #received(piece: Uint8Array): void {
    try {
      for (const value of this.#values.push(piece)) {
        if (this.#reason !== undefined) return;
        const take = this.#body;
        this.#body = undefined;
        if (take === undefined) this.#header(value);
        else take(fieldsOf(value, 'answer'));
      }
    } catch (error) {
      if (error instanceof ProtocolError) {
        return this.#fail(new ProtocolError(`${this.name}: ${error.message}`, { cause: error }));
      }
      // Thrown by who is told of events: theirs to see. What came behind is lost with it.
      this.close(new SerfError('a listener threw', { cause: error }));
      throw error;
    }
  }

  #header(value: unknown): void {
    const header = fieldsOf(value, 'header of an answer');
    const seq = countIn(header, 'Seq', 'header of an answer');
    const error = textIn(header, 'Error', 'header of an answer');
    const [first] = this.#pending;
    if (first?.seq === seq) return this.#answer(first, error);
    const stream = this.#streams.get(seq);
    if (stream === undefined) throw new ProtocolError(`an answer came to request ${seq}, which was not due`);
    this.#body = (record) => stream.record(record);
  }

  #answer(pending: Pending, error: string): void {
    const { request, seq, records } = pending;
    const settle = (body: Fields): void => {
      if (error === '') {
        if (records !== undefined) this.#streams.set(seq, records);
        pending.answer(body);
      } else {
        pending.reject(refusal(request.command, error));
      }
      this.#pending.delete(pending);
      this.#watchFirst();
    };
    if (bodyFollows(request, error)) this.#body = settle;
    else settle(NO_BODY);
  }
}

function closed({ command }: Request<unknown>, reason: SerfError): ConnectionClosedError {
  return new ConnectionClosedError(`${command}: ${reason.message}`, { cause: reason });
}
