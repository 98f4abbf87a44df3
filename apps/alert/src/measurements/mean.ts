/**
 * A mean in which the newest values count most: exponentially weighted, for values at uneven times. Each value has the
 * weight 1 − e^(−Δt/τ), as in the load average of Unix; the first is taken as it is.
 */
export class Mean {
  #value: number | undefined;
  #at_ms = 0;

  get value(): number | undefined {
    return this.#value;
  }

  /** @param over_s τ: after so many seconds 63 % of a step are in it. */
  note(value: number, over_s: number, now_ms: number): number {
    if (this.#value === undefined) this.#value = value;
    else this.#value += (value - this.#value) * (1 - Math.exp(-(now_ms - this.#at_ms) / (over_s * 1000)));
    this.#at_ms = now_ms;
    return this.#value;
  }

  /** What was is of no account any more. */
  reset(): void {
    this.#value = undefined;
  }
}
