import { setTimeout as pause } from 'node:timers/promises';
import { parseAddress, type Address } from './address.ts';
import { backoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { Connector } from './connector.ts';
import type { BoundObject } from './crdt.ts';
import { TransactionAbortedError, type AntidoteError, ConnectionClosedError } from './errors.ts';
import { Transaction } from './transaction.ts';
import type { Update } from './update.ts';
import type { ValuesOf } from './value.ts';
import { readManaged, readOpaque, readSnapshot } from './wire/replies.ts';
import * as requests from './wire/requests.ts';

/** A moment of the database, opaque. Only the data centre that gave it is sure to have reached it. */
export type Clock = Uint8Array;

export interface ClientOptions {
  /** `host:port` of one server, or of several of which the next is taken when one fails. */
  readonly addresses: readonly [string, ...string[]];
  /**
   * Which server is wanted, by the name of its Erlang node (`antidote@pi-1`): others under these addresses are passed over, and
   * a host name that stands for several of them is asked for all. Without it the first that takes the connection will do.
   */
  readonly isWanted?: (node: string) => boolean;
  /** How long an answer may take before the connection is given up. Default 5,000. */
  readonly requestTimeout_ms?: number;
  /** Default 5,000. */
  readonly connectTimeout_ms?: number;
  /** Longer answers are refused. Default 64 MiB. */
  readonly largestAnswer_bytes?: number;
  /** How often a transaction that was aborted is tried again before its error is given. Default 8. */
  readonly abortRetries?: number;
  /** Pauses between attempts to connect. Default: from 0.1 s doubling to 10 s, jittered by `random`. */
  readonly pauses?: () => Iterator<number>;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  readonly onConnected?: (server: string) => void;
  readonly onDisconnected?: (reason: AntidoteError) => void;
}

export interface RequestOptions {
  /** For this request, in place of the client's. */
  readonly timeout_ms?: number;
  readonly signal?: AbortSignal;
  /**
   * What is read or written must not be older. Give only clocks that came from the same data centre: the server answers
   * when it has reached the clock, and one of a data centre that it is not connected with it never reaches.
   */
  readonly after?: Clock | undefined;
}

/** Values, and the moment of the database at which they stood. */
export interface Snapshot<V> {
  readonly values: V;
  readonly clock: Clock;
}

const DEFAULTS = {
  requestTimeout_ms: 5000,
  connectTimeout_ms: 5000,
  largestAnswer_bytes: 64 * 1024 * 1024,
  abortRetries: 8,
} as const;

/** Transactions of a few objects take milliseconds: whoever was in the way is done soon. */
const ABORT_PAUSES = { first_ms: 5, most_ms: 250 } as const;

/** A client of one AntidoteDB data centre. Does nothing before `start()`. */
export class AntidoteClient {
  readonly #connector: Connector;
  readonly #requestTimeout_ms: number;
  readonly #abortRetries: number;
  readonly #random: () => number;

  /** @throws {TypeError} when an address is none. */
  constructor(options: ClientOptions) {
    const random = options.random ?? Math.random;
    this.#random = random;
    this.#requestTimeout_ms = options.requestTimeout_ms ?? DEFAULTS.requestTimeout_ms;
    this.#abortRetries = options.abortRetries ?? DEFAULTS.abortRetries;
    this.#connector = new Connector({
      addresses: options.addresses.map(parseAddress) as unknown as readonly [Address, ...Address[]],
      connectTimeout_ms: options.connectTimeout_ms ?? DEFAULTS.connectTimeout_ms,
      largestAnswer_bytes: options.largestAnswer_bytes ?? DEFAULTS.largestAnswer_bytes,
      isWanted: options.isWanted,
      pauses: options.pauses ?? (() => backoff({ first_ms: 100, most_ms: 10_000, random })),
      onConnected: options.onConnected ?? (() => {}),
      onDisconnected: options.onDisconnected ?? (() => {}),
    });
  }

  /** Begins to connect, without waiting for it: requests wait for the connection as long as they would for an answer. */
  start(): void {
    this.#connector.start();
  }

  /** Ends the connection. Requests that still wait fail. */
  stop(): Promise<void> {
    return this.#connector.stop();
  }

  /** Gives the connection up, and goes on with the next address: for who finds its server not fit to be used. */
  reconnect(why: string): void {
    this.#connector.drop(new ConnectionClosedError(why));
  }

  /** Reads objects in one transaction. */
  async read<const O extends readonly BoundObject[]>(objects: O, options?: RequestOptions): Promise<ValuesOf<O>> {
    // The server fails on a read of nothing.
    if (objects.length === 0) return [] as unknown as ValuesOf<O>;
    return (await this.snapshot(objects, options)).values;
  }

  /** Reads objects in one transaction, and tells at which clock. */
  async snapshot<const O extends readonly BoundObject[]>(
    objects: O,
    options: RequestOptions = {},
  ): Promise<Snapshot<ValuesOf<O>>> {
    const request = requests.staticRead(objects, options.after);
    const { values, clock } = readSnapshot(request, objects, await this.#request(request, options));
    return { values: values as ValuesOf<O>, clock };
  }

  /**
   * Makes updates in one transaction: all of them, or none. Tries again when it is aborted.
   *
   * @returns the clock of the commit.
   * @throws {TransactionAbortedError} when it is aborted once more than it is tried again. After any error but this one
   *   and `NotConnectedError` the updates may have been made.
   */
  async update(updates: readonly Update<BoundObject>[], options: RequestOptions = {}): Promise<Clock> {
    const request = requests.staticUpdate(updates, options.after);
    return this.#unlessAborted(options.signal, async () => readOpaque(request, await this.#request(request, options)));
  }

  /**
   * Runs an interactive transaction: commits when `work` resolves, aborts when it throws. When the server aborts it,
   * `work` is run again from the beginning.
   */
  async transaction<R>(work: (transaction: Transaction) => Promise<R>, options: RequestOptions = {}): Promise<R> {
    return this.#unlessAborted(options.signal, async () => {
      const transaction = await this.begin(options);
      let result: R;
      try {
        result = await work(transaction);
      } catch (error) {
        await transaction.abort().catch(() => undefined);
        throw error;
      }
      await transaction.commit();
      return result;
    });
  }

  /** Starts an interactive transaction that the caller commits or aborts. It lives on one connection, and ends with it. */
  async begin(options: RequestOptions = {}): Promise<Transaction> {
    const timeout_ms = options.timeout_ms ?? this.#requestTimeout_ms;
    const connection = await this.#connector.connection(timeout_ms, options.signal);
    const request = requests.startTransaction(options.after);
    const descriptor = readOpaque(request, await connection.request(request, timeout_ms, options.signal));
    return new Transaction(connection, descriptor, timeout_ms, options.signal);
  }

  /**
   * Makes a data centre of the node that is asked and others. Nodes that belong to it already are passed over.
   *
   * @param nodes their Erlang names, `antidote@host`; none for a data centre of one node.
   */
  async createDataCentre(nodes: readonly string[], options: RequestOptions = {}): Promise<void> {
    const request = requests.createDc(nodes);
    readManaged(request, await this.#request(request, options));
  }

  /** What other data centres need to connect to this one, opaque. */
  async connectionDescriptor(options: RequestOptions = {}): Promise<Uint8Array> {
    const request = requests.getConnectionDescriptor();
    return readOpaque(request, await this.#request(request, options));
  }

  /**
   * Has this data centre receive what is written at others. Ask each data centre, with the descriptors of all; its own
   * is passed over, and so are those that it is connected with.
   */
  async connectTo(descriptors: readonly Uint8Array[], options: RequestOptions = {}): Promise<void> {
    const request = requests.connectToDcs(descriptors);
    readManaged(request, await this.#request(request, options));
  }

  async #request(request: requests.Request, options: RequestOptions): Promise<Uint8Array> {
    const timeout_ms = options.timeout_ms ?? this.#requestTimeout_ms;
    const connection: Connection = await this.#connector.connection(timeout_ms, options.signal);
    return connection.request(request, timeout_ms, options.signal);
  }

  async #unlessAborted<R>(signal: AbortSignal | undefined, attempt: () => Promise<R>): Promise<R> {
    const pauses = backoff({ ...ABORT_PAUSES, random: this.#random });
    for (let retries = this.#abortRetries; ; retries -= 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof TransactionAbortedError) || retries === 0) throw error;
        await pause(pauses.next().value, undefined, signal === undefined ? {} : { signal });
      }
    }
  }
}
