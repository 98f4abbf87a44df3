/** What people and programs send on purpose comes in handfuls. */
const BURST = 100;
/** More than that for long is a fault or an attack, and would keep a broker, and all that listen, busy. */
export const PER_s = 10;

/** Lets so many events through as can do no harm. */
export class Flow {
  #left = BURST;
  #at_ms = -Infinity;

  /** Whether one more may pass now. @param now_ms monotonic time */
  lets(now_ms: number): boolean {
    const gained = this.#at_ms === -Infinity ? 0 : ((now_ms - this.#at_ms) / 1000) * PER_s;
    this.#left = Math.min(BURST, this.#left + gained);
    this.#at_ms = now_ms;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
