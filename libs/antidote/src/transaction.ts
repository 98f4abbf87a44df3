import type { Connection } from './connection.ts';
import type { BoundObject } from './crdt.ts';
import type { Update } from './update.ts';
import type { ValuesOf } from './value.ts';
import { readDone, readOpaque, readValues } from './wire/replies.ts';
import * as requests from './wire/requests.ts';

/** An interactive transaction: reads see one moment of the database and the transaction's own updates. */
export class Transaction {
  readonly #connection: Connection;
  readonly #descriptor: Uint8Array;
  readonly #timeout_ms: number;
  readonly #signal: AbortSignal | undefined;

  constructor(connection: Connection, descriptor: Uint8Array, timeout_ms: number, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#descriptor = descriptor;
    this.#timeout_ms = timeout_ms;
    this.#signal = signal;
  }

  async read<const O extends readonly BoundObject[]>(objects: O): Promise<ValuesOf<O>> {
    const request = requests.readObjects(objects, this.#descriptor);
    return readValues(request, objects, await this.#request(request)) as ValuesOf<O>;
  }

  async update(updates: readonly Update<BoundObject>[]): Promise<void> {
    const request = requests.updateObjects(updates, this.#descriptor);
    readDone(request, await this.#request(request));
  }

  /**
   * Makes the updates seen by others.
   *
   * @returns the clock of the commit.
   */
  async commit(): Promise<Uint8Array> {
    const request = requests.commitTransaction(this.#descriptor);
    return readOpaque(request, await this.#request(request));
  }

  /** Lets the updates be as if they had never been made. */
  async abort(): Promise<void> {
    const request = requests.abortTransaction(this.#descriptor);
    readDone(request, await this.#request(request));
  }

  #request(request: requests.Request): Promise<Uint8Array> {
    return this.#connection.request(request, this.#timeout_ms, this.#signal);
  }
}
