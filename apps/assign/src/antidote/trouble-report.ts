/** A server that is restarted is back by then, and the next of several has taken over long before. */
const TELL_AFTER_ms = 10_000;

/** Trouble that comes back sooner than this has not been mended. */
const MENDED_AFTER_ms = 30_000;

/** Tells people of trouble that lasts or keeps coming back, once, and that it is over when it has stayed away. */
export class TroubleReport {
  readonly #tell: (problem: string | undefined) => void;
  /** When it began. */
  #since_ms: number | undefined;
  /** When all was well again. */
  #well_ms: number | undefined;
  #told = false;
  #kind: string | undefined;

  /** @param tell given what is wrong, and `undefined` when it is mended. */
  constructor(tell: (problem: string | undefined) => void) {
    this.#tell = tell;
  }

  /** Takes that something is wrong. Another text for the same kind is not told again. */
  wrong(kind: string, problem: string, now_ms: number): void {
    this.#since_ms ??= now_ms;
    this.#well_ms = undefined;
    if (now_ms < this.#since_ms + TELL_AFTER_ms || (this.#told && this.#kind === kind)) return;
    this.#told = true;
    this.#kind = kind;
    this.#tell(problem);
  }

  /** Takes that nothing is wrong now. */
  well(now_ms: number): void {
    if (this.#since_ms === undefined) return;
    this.#well_ms ??= now_ms;
    if (now_ms < this.#well_ms + MENDED_AFTER_ms) return;
    this.#since_ms = undefined;
    if (this.#told) this.#tell(undefined);
    this.#told = false;
  }
}
