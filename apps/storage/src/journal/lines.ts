const FIRST_bytes = 16 * 1024;

/**
 * Lines that wait to be read into a table, as bytes one behind the other: thousands of small strings that live for minutes
 * would be copied about by the garbage collector again and again.
 */
export class Lines {
  #bytes = Buffer.allocUnsafe(FIRST_bytes);
  #size_bytes = 0;

  /** Adds a text. @returns its bytes, for use at once. */
  add(text: string): Buffer {
    // No character takes more than three bytes of UTF-8 for each of its code units.
    this.#reserve(this.#size_bytes + 3 * text.length);
    const from = this.#size_bytes;
    this.#size_bytes += this.#bytes.write(text, from);
    return this.#bytes.subarray(from, this.#size_bytes);
  }

  /** All of them; nothing is added any more. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size_bytes);
  }

  /** Puts others before these. */
  prepend(earlier: Lines): void {
    const all = Buffer.concat([earlier.bytes, this.bytes]);
    this.#bytes = all;
    this.#size_bytes = all.length;
  }

  #reserve(size_bytes: number): void {
    if (size_bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(size_bytes, 2 * this.#bytes.length));
    this.bytes.copy(larger);
    this.#bytes = larger;
  }
}
