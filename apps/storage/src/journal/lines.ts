const FIRST_bytes = 16 * 1024;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;

/** Any whole number that JavaScript holds exactly. */
const NUMBER_MAX_bytes = 17;

/**
 * Lines as bytes one behind the other. Made of strings they would take three times as long, and thousands of small strings
 * that live for minutes would be copied about by the garbage collector again and again.
 */
export class Lines {
  #bytes: Buffer;
  #size_bytes = 0;

  constructor(first_bytes = FIRST_bytes) {
    this.#bytes = Buffer.allocUnsafe(first_bytes);
  }

  /** All of them, for use before there are more. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size_bytes);
  }

  /** Adds a character of ASCII by its code. */
  character(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#size_bytes++] = code;
  }

  /** Adds a whole number in decimal. */
  whole(value: number): void {
    this.#reserve(NUMBER_MAX_bytes);
    if (value < 0) this.#bytes[this.#size_bytes++] = MINUS;
    this.#digits(Math.abs(value));
  }

  /** Adds a text in UTF-8 as a field of CSV: between quotation marks where it has a character that would end it, or is empty. */
  field(text: string): void {
    // No character takes more than three bytes of UTF-8 for each of its code units, and no quotation mark more than two.
    this.#reserve(3 * text.length + 2);
    const bytes = this.#bytes;
    let size_bytes = this.#size_bytes;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f || code === QUOTE || code === COMMA || code <= SPACE) {
        this.#rare(text);
        return;
      }
      bytes[size_bytes++] = code;
    }
    if (text === '') this.#rare(text);
    else this.#size_bytes = size_bytes;
  }

  /** Forgets them. */
  clear(): void {
    this.#size_bytes = 0;
  }

  /** A field with a character that is rare. */
  #rare(text: string): void {
    const isPlain = text !== '' && !/[",\n\r ]/.test(text);
    const field = isPlain ? text : `"${text.replaceAll('"', '""')}"`;
    this.#size_bytes += this.#bytes.write(field, this.#size_bytes);
  }

  #digits(value: number): void {
    if (value >= 1e9) {
      // Parts of it that are small integers, which are quick to divide.
      const millions = Math.floor(value / 1e6);
      this.#digits(millions);
      this.#fill(value - millions * 1e6, 6);
      return;
    }
    let length = 1;
    for (let above = 10; value >= above; above *= 10) length += 1;
    this.#fill(value, length);
  }

  #fill(value: number, length: number): void {
    this.#size_bytes += length;
    let rest = value | 0;
    for (let index = this.#size_bytes - 1; index >= this.#size_bytes - length; index--) {
      const tens = (rest / 10) | 0;
      this.#bytes[index] = ZERO + rest - 10 * tens;
      rest = tens;
    }
  }

  #reserve(more_bytes: number): void {
    const size_bytes = this.#size_bytes + more_bytes;
    if (size_bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(size_bytes, 2 * this.#bytes.length));
    this.bytes.copy(larger);
    this.#bytes = larger;
  }
}
