import type { Writable } from 'node:stream';

/** Where commands print. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
}

/**
 * Standard output, line by line. Whoever reads it may go away (`guaita watch | head -1`): that is no fault, and what is
 * printed afterwards goes nowhere.
 */
export class Output {
  /** Resolves once nobody reads any more. */
  readonly closed: Promise<void>;
  readonly #stream: OutputStream;
  #isClosed = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Any other, such as a full disk, is a loss that nobody would notice.
      if (error.code !== 'EPIPE') throw error;
      this.#isClosed = true;
      resolve();
    });
  }

  /** Whether a person reads it, in colours. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** @param text one line or several, without the last one's end. */
  print(text: string): void {
    if (!this.#isClosed) this.#stream.write(`${text}\n`);
  }
}
