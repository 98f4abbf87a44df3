import type { VerdictState } from '@guaita/model';
import type { FlappingOptions } from './options.ts';

/**
 * Whether a device goes down and comes back too often. What is between, disputed or unknown, counts for nothing; nor
 * does what is its parents' doing. It is over when the device has not changed for twice as long as lay between the
 * changes that began it, so that it does not flap itself.
 */
export class Flapping {
  #last: 'up' | 'down' | undefined;
  #changes_ms: number[] = [];
  #calm_ms: number | undefined;

  /** Takes what is said of the device now; the same as before is no change. */
  note(state: VerdictState, now_ms: number, options: FlappingOptions): void {
    if (state !== 'up' && state !== 'down') return;
    const changed = this.#last !== undefined && this.#last !== state;
    this.#last = state;
    if (!changed) return;
    const isFlapping = this.calm_ms(now_ms) !== undefined;
    const from_ms = now_ms - options.within_s * 1000;
    this.#changes_ms = [...this.#changes_ms.filter((at_ms) => at_ms > from_ms), now_ms].slice(-options.changes - 1);
    if (isFlapping || this.#changes_ms.length > options.changes) this.begin(now_ms, options);
  }

  /** It flaps, from now until it has been calm for long enough. */
  begin(now_ms: number, { within_s, changes }: FlappingOptions): void {
    this.#calm_ms = now_ms + (2 * within_s * 1000) / changes;
  }

  /** When it is over unless it changes again, by the monotonic clock; `undefined` while it does not flap. */
  calm_ms(now_ms: number): number | undefined {
    if (this.#calm_ms !== undefined && this.#calm_ms <= now_ms) {
      this.#calm_ms = undefined;
      this.#changes_ms = [];
    }
    return this.#calm_ms;
  }
}
