/** Where something begins and where it ends, and for how long it must have been so. */
export interface Threshold {
  /** From this value on it begins. */
  readonly begin: number;
  /** Below this value it is over. At most `begin`. */
  readonly end: number;
  readonly begin_after_s: number;
  readonly end_after_s: number;
}

/**
 * A switch that is slow both ways: on when a value has been at `begin` or more for `begin_after_s`, off when it has been
 * below `end` for `end_after_s`. What is between leaves it as it is.
 */
export class Trigger {
  #isOn: boolean;
  /** Since when the value asks for the other state. */
  #from_ms: number | undefined;

  constructor(isOn = false) {
    this.#isOn = isOn;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Neither on nor about to be: it need not be kept. */
  get isIdle(): boolean {
    return !this.#isOn && this.#from_ms === undefined;
  }

  /** Takes a value. @returns whether it went on or off by that. */
  note(value: number, { begin, end, begin_after_s, end_after_s }: Threshold, now_ms: number): boolean {
    if (this.#isOn ? value >= end : value < begin) {
      this.#from_ms = undefined;
      return false;
    }
    this.#from_ms ??= now_ms;
    if (now_ms - this.#from_ms < (this.#isOn ? end_after_s : begin_after_s) * 1000) return false;
    this.#isOn = !this.#isOn;
    this.#from_ms = undefined;
    return true;
  }

  /** Nothing is seen for a while: what has lasted so far does not count. */
  pause(): void {
    this.#from_ms = undefined;
  }
}
