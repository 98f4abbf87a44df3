import { ProtocolError } from '../errors.ts';

/** One message: its code and its protobuf body. */
export interface Frame {
  readonly code: number;
  readonly body: Uint8Array;
}

const LENGTH_bytes = 4;

/** The wire form: the length of code and body as uint32 in network order, the code, the body. */
export function encodeFrame({ code, body }: Frame): Uint8Array {
  const bytes = new Uint8Array(LENGTH_bytes + 1 + body.length);
  new DataView(bytes.buffer).setUint32(0, 1 + body.length);
  bytes[LENGTH_bytes] = code;
  bytes.set(body, LENGTH_bytes + 1);
  return bytes;
}

/** Puts frames together from the pieces in which a stream delivers them. */
export class FrameReader {
  readonly #most_bytes: number;
  #pieces: Uint8Array[] = [];
  #held_bytes = 0;
  #wanted_bytes: number | undefined;

  /** @param most_bytes longer frames are refused: a length can be garbage, and would be waited for without end. */
  constructor(most_bytes: number) {
    this.#most_bytes = most_bytes;
  }

  /**
   * Takes the next piece of the stream.
   *
   * @returns the frames that are complete now, in order.
   * @throws {ProtocolError} on a frame that is empty or too long; the stream cannot be read any further then.
   */
  push(piece: Uint8Array): Frame[] {
    this.#pieces.push(piece);
    this.#held_bytes += piece.length;
    const frames: Frame[] = [];
    for (;;) {
      this.#wanted_bytes ??= this.#length();
      if (this.#wanted_bytes === undefined || this.#held_bytes < this.#wanted_bytes) return frames;
      const bytes = this.#take(this.#wanted_bytes);
      this.#wanted_bytes = undefined;
      frames.push({ code: bytes[0] ?? 0, body: bytes.subarray(1) });
    }
  }

  #length(): number | undefined {
    if (this.#held_bytes < LENGTH_bytes) return undefined;
    const head = this.#take(LENGTH_bytes);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (length === 0) throw new ProtocolError('a frame without a message code came');
    if (length > this.#most_bytes) {
      throw new ProtocolError(`a frame of ${length} bytes was announced; at most ${this.#most_bytes} are taken`);
    }
    return length;
  }

  #take(length: number): Uint8Array {
    const first = this.#pieces[0];
    if (first !== undefined && first.length >= length) {
      this.#held_bytes -= length;
      if (first.length === length) this.#pieces.shift();
      else this.#pieces[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    // Copied together once for each frame, however many pieces it came in.
    const all = Buffer.concat(this.#pieces);
    this.#held_bytes = all.length - length;
    this.#pieces = this.#held_bytes === 0 ? [] : [all.subarray(length)];
    return all.subarray(0, length);
  }
}
