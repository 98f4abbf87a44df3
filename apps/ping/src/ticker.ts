import type { Clock, Timer } from '@guaita/service';

const TICK_MS = 1000;

/** Calls once in each second of a clock, close to its beginning; a second that was slept through is not made up for. */
export class Ticker {
  readonly #clock: Clock;
  readonly #onTick: (now_ms: number, late_ms: number) => void;
  #timer: Timer | undefined;
  #next_ms = 0;
  #stopped = false;

  /** @param onTick is told the monotonic time of its turn, and how late it is. */
  constructor(clock: Clock, onTick: (now_ms: number, late_ms: number) => void) {
    this.#clock = clock;
    this.#onTick = onTick;
  }

  /** The first call comes at the beginning of the next second. */
  start(): void {
    this.#next_ms = nextSecond(this.#clock.monotonic_ms());
    this.#wait();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #wait(): void {
    if (this.#stopped) return;
    const wait_ms = Math.max(0, this.#next_ms - this.#clock.monotonic_ms());
    this.#timer = this.#clock.after(wait_ms, () => this.#tick());
  }

  #tick(): void {
    // Timers may fire a fraction early: the turn is that of the second that was meant.
    const now_ms = Math.max(this.#clock.monotonic_ms(), this.#next_ms);
    const late_ms = now_ms - this.#next_ms;
    this.#next_ms = nextSecond(now_ms);
    this.#wait();
    this.#onTick(now_ms, late_ms);
  }
}

function nextSecond(now_ms: number): number {
  return (Math.floor(now_ms / TICK_MS) + 1) * TICK_MS;
}
