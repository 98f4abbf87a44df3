import { Connection, type ConnectionOptions } from './connection.ts';
import { ConnectionClosedError, NotConnectedError, RequestRefusedError, type SerfError } from './errors.ts';
import { pause } from './timers.ts';
import { showAddress } from './address.ts';

export interface ConnectorOptions extends ConnectionOptions {
  /** Pauses before a further attempt, begun anew when a connection has stood. */
  readonly pauses: () => Iterator<number>;
  /** Told when a connection begins, when one ends, and of each attempt that failed. */
  readonly onConnected: (connection: Connection) => void;
  readonly onDisconnected: (reason: SerfError) => void;
  readonly onConnectFailed: (error: SerfError) => void;
}

/** Told when the wait for a connection is over. */
interface Waiting {
  arrive(connection: Connection): void;
  fail(error: Error): void;
}

/** Keeps one connection to an agent, for as long as it runs. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #waiting = new Set<Waiting>();
  readonly #stop = new AbortController();
  #connection: Connection | undefined;
  #running: Promise<void> | undefined;
  #lastFailure: SerfError | undefined;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** The connection that stands, if one does. */
  get current(): Connection | undefined {
    return this.#connection;
  }

  /** Begins to connect, without waiting for it. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the connection, and the attempts at one. */
  async stop(): Promise<void> {
    const stopped = new ConnectionClosedError('stopped');
    this.#stop.abort(stopped);
    this.#connection?.close(stopped);
    this.#failWaiting(new NotConnectedError('the client was stopped'));
    await this.#running;
  }

  /**
   * The connection, once there is one.
   *
   * @throws {NotConnectedError} when none comes in time; its cause is the last failure to connect.
   * @throws {RequestRefusedError} when the agent is there, and does not take us.
   */
  connection(timeout_ms: number, signal?: AbortSignal): Promise<Connection> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#running === undefined || this.#stop.signal.aborted) {
        throw new NotConnectedError('the client is not running: call start()');
      }
      if (this.#connection !== undefined) return resolve(this.#connection);
      const end = (): void => {
        cancel();
        this.#waiting.delete(waiting);
        signal?.removeEventListener('abort', abort);
      };
      const waiting: Waiting = {
        arrive: (connection) => {
          end();
          resolve(connection);
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      const abort = (): void => waiting.fail(signal?.reason as Error);
      const cancel = this.#options.timers.after(timeout_ms, () => waiting.fail(this.#notConnected(timeout_ms)));
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #notConnected(timeout_ms: number): NotConnectedError {
    const cause = this.#lastFailure;
    const why = cause?.message ?? `no answer from ${showAddress(this.#options.address)}`;
    return new NotConnectedError(`no agent within ${timeout_ms} ms: ${why}`, { cause });
  }

  #failWaiting(error: Error): void {
    for (const waiting of [...this.#waiting]) waiting.fail(error);
  }

  async #run(): Promise<void> {
    const { pauses, onConnected, onDisconnected, onConnectFailed, timers } = this.#options;
    const { signal } = this.#stop;
    let waits = pauses();
    while (!signal.aborted) {
      const connection = await this.#attempt();
      if (connection instanceof Connection) {
        this.#connection = connection;
        // Stopped while it opened: stop() had no connection yet that it could end.
        if (signal.aborted) connection.close(new ConnectionClosedError('stopped'));
        onConnected(connection);
        for (const waiting of [...this.#waiting]) waiting.arrive(connection);
        const reason = await connection.ended;
        this.#connection = undefined;
        this.#lastFailure = reason;
        onDisconnected(reason);
        waits = pauses();
      } else if (!signal.aborted) {
        this.#lastFailure = connection;
        onConnectFailed(connection);
        // Waiting would not mend a wrong key.
        if (connection instanceof RequestRefusedError) this.#failWaiting(connection);
      }
      await pause(timers, waits.next().value as number, signal);
    }
  }

  async #attempt(): Promise<Connection | SerfError> {
    try {
      return await Connection.open(this.#options, this.#stop.signal);
    } catch (error) {
      return error as SerfError;
    }
  }
}
