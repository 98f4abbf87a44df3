import type { Now } from '../now.ts';

/** What was said longer ago than this the broker keeps, or it was said and ended by somebody we did not hear. */
const KEPT_ms = 60_000;

/** Of which alerts another has spoken in the last while: it may have died before the broker kept that. */
export class LastWords {
  /** When, by the monotonic clock; the oldest first. */
  readonly #heard = new Map<string, number>();

  hear(alert: string, { monotonic_ms }: Now): void {
    this.#heard.delete(alert);
    this.#heard.set(alert, monotonic_ms);
    this.#forgetOld(monotonic_ms);
  }

  forget(): void {
    this.#heard.clear();
  }

  /** Gives them, and forgets them. */
  take({ monotonic_ms }: Now): ReadonlySet<string> {
    this.#forgetOld(monotonic_ms);
    const alerts = new Set(this.#heard.keys());
    this.#heard.clear();
    return alerts;
  }

  #forgetOld(now_ms: number): void {
    for (const [alert, heard_ms] of this.#heard) {
      if (now_ms < heard_ms + KEPT_ms) break;
      this.#heard.delete(alert);
    }
  }
}
