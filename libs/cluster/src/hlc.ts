import type { Id, Stamp } from '@guaita/model';

/**
 * The furthest that a stamp may be ahead of the local wall clock. A stamp of next year would win over every correction
 * until then: it is refused. A day is more than time zones and summer time can make by mistake.
 */
export const STAMP_AHEAD_ms = 24 * 3_600_000;

/** Below 0 when `a` is older than `b`, above 0 when newer, 0 when they are the same. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.at_ms !== b.at_ms) return a.at_ms - b.at_ms;
  if (a.counter !== b.counter) return a.counter - b.counter;
  return a.writer < b.writer ? -1 : a.writer > b.writer ? 1 : 0;
}

/** Tells whether a stamp is further ahead of the local wall clock than clocks may be wrong. */
export function isAhead(stamp: Stamp, wall_ms: number): boolean {
  return stamp.at_ms > wall_ms + STAMP_AHEAD_ms;
}

/**
 * A hybrid logical clock (Kulkarni, Demirbas et al., "Logical Physical Clocks", 2014): its stamps follow the wall
 * clock, and are greater than every stamp that was given out or seen here before, unless that is ahead of the wall
 * clock: whoever follows such a stamp is refused by all others, though its own clock is right.
 */
export class HybridClock {
  readonly #writer: Id;
  #at_ms = 0;
  #counter = 0;

  constructor(writer: Id) {
    this.#writer = writer;
  }

  /** A stamp for something that is said now, in the place of what bears the stamp `above`. */
  stamp(wall_ms: number, above?: Stamp): Stamp {
    const stamp = this.#next(wall_ms);
    if (above === undefined || compareStamps(stamp, above) > 0) return stamp;
    // It has to win over that one here, or the change would be lost at once; but the clock does not follow.
    const once = new HybridClock(this.#writer);
    once.#follow(above);
    return once.#next(above.at_ms);
  }

  /** Takes note of a stamp, so that ours will be greater. */
  saw(stamp: Stamp, wall_ms: number): void {
    if (!isAhead(stamp, wall_ms)) this.#follow(stamp);
  }

  #next(wall_ms: number): Stamp {
    if (wall_ms > this.#at_ms || wall_ms + STAMP_AHEAD_ms < this.#at_ms) {
      this.#at_ms = Math.floor(wall_ms);
      this.#counter = 0;
    } else if (this.#counter < Number.MAX_SAFE_INTEGER) {
      this.#counter += 1;
    } else {
      // Somebody made that up; one above it is no whole number any more.
      this.#at_ms += 1;
      this.#counter = 0;
    }
    return { at_ms: this.#at_ms, counter: this.#counter, writer: this.#writer };
  }

  #follow(stamp: Stamp): void {
    if (stamp.at_ms < this.#at_ms || (stamp.at_ms === this.#at_ms && stamp.counter <= this.#counter)) return;
    this.#at_ms = stamp.at_ms;
    this.#counter = stamp.counter;
  }
}
