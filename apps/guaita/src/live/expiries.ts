/**
 * When what was heard stops being true. A broker forgets what has expired without a word, so whoever listens for long
 * has to forget it by itself: a monitor whose broker died with it takes nothing back.
 */
export class Expiries {
  readonly #due = new Map<string, { readonly at_ms: number; readonly forget: () => void }>();

  /**
   * Something was heard, anew or again.
   *
   * @param expiry_s what remains until it expires; `undefined` when it never does.
   */
  heard(key: string, expiry_s: number | undefined, now_ms: number, forget: () => void): void {
    if (expiry_s === undefined) this.#due.delete(key);
    else this.#due.set(key, { at_ms: now_ms + expiry_s * 1000, forget });
  }

  /** Forgets all that has expired. */
  forgetExpired(now_ms: number): void {
    for (const [key, { at_ms, forget }] of this.#due) {
      if (at_ms > now_ms) continue;
      this.#due.delete(key);
      forget();
    }
  }
}
