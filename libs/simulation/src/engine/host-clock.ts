import type { Now } from '@guaita/cluster';

/**
 * One host's clocks. The monotonic one counts from an arbitrary start and runs a little fast or slow; the other one is
 * wrong by minutes. Neither agrees with any other host's.
 */
export class HostClock {
  readonly #rate: number;
  readonly #start_ms: number;
  #wallError_ms: number;

  /**
   * @param rate seconds of this clock in a true second: 1.02 runs 2 % fast
   * @param start_ms what the monotonic clock reads at true time 0
   * @param wallError_ms by how much the wall clock is ahead of the true one
   */
  constructor(rate: number, start_ms: number, wallError_ms: number) {
    this.#rate = rate;
    this.#start_ms = start_ms;
    this.#wallError_ms = wallError_ms;
  }

  /** What the host reads at a true moment. */
  read(true_ms: number): Now {
    return {
      monotonic_ms: this.#start_ms + true_ms * this.#rate,
      wall_ms: Math.floor(WORLD_BEGINS_ms + true_ms + this.#wallError_ms),
    };
  }

  /** The true moment at which the monotonic clock reads this. */
  trueTime_ms(monotonic_ms: number): number {
    return (monotonic_ms - this.#start_ms) / this.#rate;
  }

  /** Somebody sets the wall clock; the monotonic one does not notice. */
  setWall(by_ms: number): void {
    this.#wallError_ms += by_ms;
  }
}

/** 2026-01-01T00:00:00Z: any date would do. */
const WORLD_BEGINS_ms = Date.UTC(2026, 0, 1);
