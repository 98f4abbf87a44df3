import { ServerError, text, type AntidoteClient, type BoundObject, type Update, type ValuesOf } from '@guaita/antidote';
import { SENTINEL, type Layout } from './layout.ts';

/** Something was read that is not to be believed. */
export class UnbelievableReadError extends Error {
  override readonly name = 'UnbelievableReadError';
}

/**
 * How long an answer may take: a hundred registers were read in 4 to 6 ms and written in 21 to 40, but a small host whose
 * card is busy may take a hundred times as long. A poll of 60 monitors has 11 s so, and a batch of 64 buckets too: less
 * than the gap between two reads after which no beat is taken for life any more.
 */
const REQUEST_TIMEOUT_ms = 5_000;
const OBJECT_TIMEOUT_ms = 100;

/**
 * AntidoteDB, as far as it is to be believed. A server that starts answers before it has read its log, and one whose
 * clock was set back does too: with empty values, and success. So the sentinel is read in each transaction, and a read
 * without it is a failed read. No clock is ever sent along: a read at one that the server has not reached never ends.
 */
export class BelievedStore {
  readonly layout: Layout;
  readonly #client: AntidoteClient;

  constructor(client: AntidoteClient, layout: Layout) {
    this.#client = client;
    this.layout = layout;
  }

  /**
   * Reads objects in one transaction.
   *
   * @throws {UnbelievableReadError} when the sentinel is not there.
   * @throws {AntidoteError} when there is no answer.
   */
  async read<const O extends readonly BoundObject[]>(objects: O, signal: AbortSignal): Promise<ValuesOf<O>> {
    const values = await this.#client.read([...objects, this.layout.sentinel], {
      signal,
      timeout_ms: timeout_ms(objects.length),
    });
    const sentinel = values.at(-1) as Uint8Array;
    const found = text(sentinel);
    if (found === SENTINEL) return values.slice(0, -1) as ValuesOf<O>;
    throw new UnbelievableReadError(
      found === ''
        ? 'AntidoteDB answers as if nothing had ever been written: it is starting, its clock was set back, or ' +
            '`guaita antidote connect` was never run on it'
        : `AntidoteDB holds the data of another version of Guaita ("${found}" in place of "${SENTINEL}")`,
    );
  }

  /**
   * Reads objects in one transaction if that can be, else each by itself: one that was written with another type cannot
   * be read any more, and fails every transaction that it is in.
   *
   * @param unreadable told of each that cannot be read; its value is `undefined`.
   */
  async readAny<const O extends readonly BoundObject[]>(
    objects: O,
    unreadable: (object: BoundObject, error: ServerError) => void,
    signal: AbortSignal,
  ): Promise<{ -readonly [I in keyof ValuesOf<O>]: ValuesOf<O>[I] | undefined }> {
    if (objects.length === 0) return [] as unknown as ValuesOf<O>;
    try {
      return await this.read(objects, signal);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
    }
    const values: unknown[] = [];
    const failed: (readonly [BoundObject, ServerError])[] = [];
    for (const object of objects) {
      try {
        values.push((await this.read([object], signal))[0]);
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        failed.push([object, error]);
        values.push(undefined);
      }
    }
    // It may be the server that fails: then the sentinel cannot be read either.
    await this.read([], signal);
    for (const [object, error] of failed) unreadable(object, error);
    return values as { -readonly [I in keyof ValuesOf<O>]: ValuesOf<O>[I] | undefined };
  }

  /** Makes updates in one transaction. Only to be called when a read on the same connection was believed. */
  async write(updates: readonly Update<BoundObject>[], signal: AbortSignal): Promise<void> {
    await this.#client.update(updates, { signal, timeout_ms: timeout_ms(updates.length) });
  }
}

function timeout_ms(objects: number): number {
  return REQUEST_TIMEOUT_ms + objects * OBJECT_TIMEOUT_ms;
}
