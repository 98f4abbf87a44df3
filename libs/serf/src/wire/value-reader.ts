import { ProtocolError } from '../errors.ts';
import { Unpackr } from './msgpack.ts';
import { ValueScanner, type Bounds } from './value-scanner.ts';

/**
 * Maps stay `Map`s: names in them are the sender's, and must not become properties. Integers of 64 bits become `bigint`.
 * Bytes are copied, so that what is kept of an answer does not keep the whole of it.
 */
const OPTIONS = { mapsAsObjects: false, useRecords: false, copyBuffers: true };

/** A buffer of this size is kept for the next value; larger ones are given back. */
const KEPT_bytes = 64 * 1024;

/** Puts MessagePack values together from the pieces in which a stream delivers them. */
export class ValueReader {
  readonly #scanner: ValueScanner;
  readonly #unpackr = new Unpackr(OPTIONS);
  /** The beginning of a value that is not whole yet: the first `#held_bytes` of it. */
  #buffer: Uint8Array = new Uint8Array(0);
  #held_bytes = 0;

  constructor(bounds: Bounds) {
    this.#scanner = new ValueScanner(bounds);
  }

  /**
   * Takes the next piece of the stream.
   *
   * @returns the values that are whole now, in order, each decoded when it is asked for.
   * @throws {ProtocolError} on a value that is beyond the bounds or none; the stream cannot be read any further then.
   */
  *push(piece: Uint8Array): Generator<unknown, void, undefined> {
    let bytes = this.#held_bytes === 0 ? piece : this.#joined(piece);
    for (let end = this.#scanner.scan(bytes); end !== undefined; end = this.#scanner.scan(bytes)) {
      const value = this.#decoded(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
      yield value;
    }
    this.#hold(bytes);
  }

  #decoded(bytes: Uint8Array): unknown {
    try {
      return this.#unpackr.unpack(bytes) as unknown;
    } catch (cause) {
      throw new ProtocolError('a value came that cannot be decoded', { cause });
    }
  }

  /** Copies the piece behind what is held. A stream may come in pieces of a byte, each of which costs a hundred if kept. */
  #joined(piece: Uint8Array): Uint8Array {
    const wanted_bytes = this.#held_bytes + piece.length;
    if (wanted_bytes > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(wanted_bytes, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#held_bytes));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#held_bytes);
    return this.#buffer.subarray(0, wanted_bytes);
  }

  #hold(rest: Uint8Array): void {
    this.#held_bytes = rest.length;
    if (rest.length === 0) {
      if (this.#buffer.length > KEPT_bytes) this.#buffer = new Uint8Array(0);
      return;
    }
    if (rest.buffer === this.#buffer.buffer) {
      if (rest.byteOffset > 0) this.#buffer.copyWithin(0, rest.byteOffset, rest.byteOffset + rest.length);
      return;
    }
    if (this.#buffer.length < rest.length) this.#buffer = new Uint8Array(Math.max(rest.length, 512));
    this.#buffer.set(rest);
  }
}
