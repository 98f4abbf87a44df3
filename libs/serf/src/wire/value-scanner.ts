import { ProtocolError } from '../errors.ts';

export interface Bounds {
  /** Longer values are refused. */
  readonly most_bytes: number;
  /** Values that hold more values, at all depths together, are refused: a byte of input may become a hundred in memory. */
  readonly most_values: number;
}

/** Serf nests four deep (answer, members, member, tags); deeper ones could only exhaust the stack of who decodes them. */
const DEEPEST = 8;

/** What stands behind the first byte of a value. */
interface Layout {
  /** Bytes that give a length: of the value's own bytes, or of its elements. */
  readonly length_bytes: 0 | 1 | 2 | 4;
  /** What that length counts; with no such bytes, `fixed` is the length. */
  readonly counts: 'bytes' | 'elements' | 'pairs';
  readonly fixed: number;
}

/**
 * Finds where a MessagePack value ends, in bytes that arrive piece by piece, without decoding it: so that a value is decoded
 * once, when it is whole, and one that is too large is refused when that is known, not when memory is full. Extension
 * types, which Serf does not use, are refused: decoders make objects of code from them.
 *
 * https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export class ValueScanner {
  readonly #bounds: Bounds;
  /** How many values are still to come, at each depth that is open. */
  #due: number[] = [1];
  #position = 0;
  #values = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /**
   * Goes on looking.
   *
   * @param bytes all there is of the value, from its first byte: at least what was given before.
   * @returns where the value ends, or `undefined` when more has to come. The next call begins with the next value.
   * @throws {ProtocolError} when it is beyond the bounds, or nothing that Serf sends.
   */
  scan(bytes: Uint8Array): number | undefined {
    while (this.#due.length > 0) {
      const layout = this.#position < bytes.length ? layoutOf(bytes[this.#position] ?? 0) : undefined;
      if (layout === undefined || this.#position + 1 + layout.length_bytes > bytes.length) return undefined;
      this.#enter(layout, lengthIn(bytes, this.#position + 1, layout));
    }
    if (this.#position > bytes.length) return undefined;
    const end = this.#position;
    this.#due = [1];
    this.#position = 0;
    this.#values = 0;
    return end;
  }

  #enter({ length_bytes, counts }: Layout, length: number): void {
    const { most_bytes, most_values } = this.#bounds;
    const elements = counts === 'bytes' ? 0 : counts === 'pairs' ? 2 * length : length;
    this.#position += 1 + length_bytes + (counts === 'bytes' ? length : 0);
    this.#values += elements;
    if (this.#position > most_bytes) {
      throw new ProtocolError(`an answer of more than ${most_bytes} bytes comes; no more are taken`);
    }
    if (this.#values > most_values) {
      throw new ProtocolError(`an answer of more than ${most_values} values comes; no more are taken`);
    }
    this.#due[this.#due.length - 1] = (this.#due.at(-1) ?? 0) - 1;
    if (elements > 0) {
      if (this.#due.length === DEEPEST) throw new ProtocolError(`an answer that is nested ${DEEPEST} deep comes`);
      this.#due.push(elements);
    }
    while (this.#due.at(-1) === 0) this.#due.pop();
  }
}

function lengthIn(bytes: Uint8Array, at: number, { length_bytes, fixed }: Layout): number {
  let length = 0;
  for (let offset = 0; offset < length_bytes; offset += 1) length = length * 256 + (bytes[at + offset] ?? 0);
  return length_bytes === 0 ? fixed : length;
}

const FIXED = (fixed: number): Layout => ({ length_bytes: 0, counts: 'bytes', fixed });
const COUNTED = (counts: Layout['counts'], length_bytes: 1 | 2 | 4): Layout => ({ length_bytes, counts, fixed: 0 });

/** By the first byte, from 0xc0 to 0xdf; what is missing is never used, or an extension. */
const LAYOUTS: Readonly<Record<number, Layout>> = {
  0xc0: FIXED(0),
  0xc2: FIXED(0),
  0xc3: FIXED(0),
  0xc4: COUNTED('bytes', 1),
  0xc5: COUNTED('bytes', 2),
  0xc6: COUNTED('bytes', 4),
  0xca: FIXED(4),
  0xcb: FIXED(8),
  0xcc: FIXED(1),
  0xcd: FIXED(2),
  0xce: FIXED(4),
  0xcf: FIXED(8),
  0xd0: FIXED(1),
  0xd1: FIXED(2),
  0xd2: FIXED(4),
  0xd3: FIXED(8),
  0xd9: COUNTED('bytes', 1),
  0xda: COUNTED('bytes', 2),
  0xdb: COUNTED('bytes', 4),
  0xdc: COUNTED('elements', 2),
  0xdd: COUNTED('elements', 4),
  0xde: COUNTED('pairs', 2),
  0xdf: COUNTED('pairs', 4),
};

function layoutOf(first: number): Layout {
  // Small integers, below zero too, are their own first byte.
  if (first < 0x80 || first >= 0xe0) return FIXED(0);
  if (first < 0x90) return { length_bytes: 0, counts: 'pairs', fixed: first - 0x80 };
  if (first < 0xa0) return { length_bytes: 0, counts: 'elements', fixed: first - 0x90 };
  if (first < 0xc0) return FIXED(first - 0xa0);
  const layout = LAYOUTS[first];
  if (layout === undefined) throw new ProtocolError(`a byte 0x${first.toString(16)} came where a value should begin`);
  return layout;
}
