import { setTimeout as pause } from 'node:timers/promises';
import { allOf, showAddress, type Address } from './address.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { nodeOf } from './descriptor.ts';
import { type AntidoteError, ConnectionClosedError, NotConnectedError } from './errors.ts';
import { readOpaque } from './wire/replies.ts';
import { getConnectionDescriptor } from './wire/requests.ts';

export interface ConnectorOptions extends ConnectionOptions {
  /** Tried in turn: the next one when one fails, the first again after the last. */
  readonly addresses: readonly [Address, ...Address[]];
  /** Which server is wanted, by the name of its Erlang node: then names are asked for all that they stand for. */
  readonly isWanted?: ((node: string) => boolean) | undefined;
  /** Pauses before a further attempt, begun anew when a connection has stood. */
  readonly pauses: () => Iterator<number>;
  /** Told whenever a connection begins (its server's name) and ends (why). */
  readonly onConnected: (server: string) => void;
  readonly onDisconnected: (reason: AntidoteError) => void;
}

/** Keeps one connection to one of several servers, for as long as it runs. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #waiting = new Set<(connection: Connection) => void>();
  readonly #stop = new AbortController();
  #connection: Connection | undefined;
  #running: Promise<void> | undefined;
  #lastFailure: unknown;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** Begins to connect, without waiting for it. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the connection, and the attempts at one. */
  async stop(): Promise<void> {
    this.#stop.abort(new ConnectionClosedError('stopped'));
    this.drop(new ConnectionClosedError('stopped'));
    await this.#running;
  }

  /** Ends the connection that stands, if one does; the next address is tried. */
  drop(reason: AntidoteError): void {
    this.#connection?.close(reason);
  }

  /**
   * The connection, once there is one.
   *
   * @throws {NotConnectedError} when none comes in time; its cause is the last failure to connect.
   */
  async connection(timeout_ms: number, signal?: AbortSignal): Promise<Connection> {
    signal?.throwIfAborted();
    if (this.#running === undefined || this.#stop.signal.aborted) {
      throw new NotConnectedError('the client is not running: call start()');
    }
    if (this.#connection !== undefined) return this.#connection;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(arrive);
        signal?.removeEventListener('abort', abort);
        this.#stop.signal.removeEventListener('abort', stopped);
      };
      const arrive = (connection: Connection): void => {
        end();
        resolve(connection);
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
      };
      const abort = (): void => fail(signal?.reason as Error);
      const stopped = (): void => fail(new NotConnectedError('the client was stopped'));
      const timer = setTimeout(() => fail(this.#notConnected(timeout_ms)), timeout_ms);
      this.#waiting.add(arrive);
      signal?.addEventListener('abort', abort, { once: true });
      this.#stop.signal.addEventListener('abort', stopped, { once: true });
    });
  }

  #notConnected(timeout_ms: number): NotConnectedError {
    const cause = this.#lastFailure;
    const why =
      cause instanceof Error ? cause.message : `no answer from ${this.#options.addresses.map(showAddress).join(', ')}`;
    return new NotConnectedError(`no server within ${timeout_ms} ms: ${why}`, { cause });
  }

  async #run(): Promise<void> {
    const { pauses } = this.#options;
    const { signal } = this.#stop;
    let waits = pauses();
    while (!signal.aborted) {
      // Every address is tried before the pause grows long: the next one may well be up.
      for (const address of await this.#round()) {
        if (signal.aborted) break;
        try {
          await this.#stand(address);
          waits = pauses();
        } catch (error) {
          this.#lastFailure = error;
        }
      }
      if (!signal.aborted) await pause(waits.next().value as number, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What is tried, one after the other. */
  async #round(): Promise<readonly Address[]> {
    const { addresses, isWanted } = this.#options;
    if (isWanted === undefined) return addresses;
    try {
      return await allOf(addresses);
    } catch (error) {
      this.#lastFailure = error;
      return [];
    }
  }

  /** Returns when the connection has ended. */
  async #stand(address: Address): Promise<void> {
    const { onConnected, onDisconnected } = this.#options;
    const { signal } = this.#stop;
    const connection = await Connection.open(address, this.#options, signal);
    await this.#check(connection);
    this.#connection = connection;
    // Stopped while it opened: stop() had no connection yet that it could end.
    if (signal.aborted) connection.close(new ConnectionClosedError('stopped'));
    onConnected(connection.name);
    for (const arrive of [...this.#waiting]) arrive(connection);
    const reason = await connection.ended;
    this.#connection = undefined;
    this.#lastFailure = reason;
    onDisconnected(reason);
  }

  /** @throws {ConnectionClosedError} when it is another server than the one that is wanted. */
  async #check(connection: Connection): Promise<void> {
    const { isWanted, connectTimeout_ms } = this.#options;
    if (isWanted === undefined) return;
    const request = getConnectionDescriptor();
    try {
      const answer = await connection.request(request, connectTimeout_ms, this.#stop.signal);
      const node = nodeOf(readOpaque(request, answer));
      if (!isWanted(node))
        throw new ConnectionClosedError(`${connection.name} is ${node}, which is not the one wanted`);
    } catch (error) {
      connection.close(
        error instanceof ConnectionClosedError ? error : new ConnectionClosedError('not the one wanted'),
      );
      throw error;
    }
  }
}
