import type { Writable } from 'node:stream';

/**
 * Messages that came together, in one turn of the event loop. Their acknowledgements are held back until all of them have
 * been handed out, and leave in one system call: one by one those cost more than the messages.
 */
export class Bunch {
  readonly #handedOut: () => void;
  readonly #failed: (error: Error) => void;
  #stream: Writable | undefined;

  /**
   * @param handedOut called before anything is acknowledged.
   * @param failed told what that threw; nothing is acknowledged then.
   */
  constructor(handedOut: () => void, failed: (error: Error) => void) {
    this.#handedOut = handedOut;
    this.#failed = failed;
  }

  /** A message comes: what is written to the stream from now on waits for the others. */
  begin(stream: Writable): void {
    if (this.#stream !== undefined) return;
    this.#stream = stream;
    stream.cork();
    setImmediate(() => this.end());
  }

  /** No more of them come. */
  end(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#stream = undefined;
    try {
      this.#handedOut();
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    stream.uncork();
  }
}
