import type { Timestamp, Verdict, VerdictState } from '@guaita/model';
import type { Now } from '../now.ts';
import { Flapping } from './flapping.ts';
import type { FlappingOptions } from './options.ts';

/** What is said of one device, and what is to be said of it when that lasts. */
export class Standing {
  readonly #flapping = new Flapping();
  #state: VerdictState = 'unknown';
  #since: Timestamp;
  #episode = 0;
  #coming: { readonly state: VerdictState; readonly began: Now; readonly due_ms: number } | undefined;

  /** Of a device that nobody spoke of before. */
  constructor(now: Now) {
    this.#since = timestamp(now.wall_ms);
  }

  get state(): VerdictState {
    return this.#state;
  }

  get since(): Timestamp {
    return this.#since;
  }

  /** What is to be said when it lasts; what is said, when there is nothing to wait for. */
  get coming(): VerdictState {
    return this.#coming?.state ?? this.#state;
  }

  get episode(): number {
    return this.#episode;
  }

  set episode(episode: number) {
    this.#episode = episode;
  }

  /** Goes on from what an earlier speaker said. */
  resume({ state, since, episode, flapping }: Verdict, now: Now, options: FlappingOptions): void {
    this.#state = state;
    this.#coming = undefined;
    this.#episode = episode;
    this.agree({ since, flapping }, now, options);
    this.#flapping.note(state, now.monotonic_ms, options);
  }

  /** Another speaker says the same: since when, and whether it flaps, it may know better. */
  agree({ since, flapping }: Pick<Verdict, 'since' | 'flapping'>, now: Now, options: FlappingOptions): void {
    this.#since = since;
    if (flapping === true && !this.isFlapping(now)) this.#flapping.begin(now.monotonic_ms, options);
  }

  /**
   * Takes how the device is judged now.
   *
   * @param mustLast_s how long that has to last before it is said.
   * @param began_ms when it began, by wall clocks, where the voters know that better.
   */
  judge(
    state: VerdictState,
    mustLast_s: number,
    began_ms: number | undefined,
    now: Now,
    flapping: FlappingOptions,
  ): void {
    if (state === this.#state) {
      this.#coming = undefined;
      return;
    }
    const began = this.#coming?.state === state ? this.#coming.began : now;
    const due_ms = began.monotonic_ms + mustLast_s * 1000;
    if (due_ms > now.monotonic_ms) {
      this.#coming = { state, began, due_ms };
      return;
    }
    this.#coming = undefined;
    this.#state = state;
    // What others' clocks say of the future is their clocks' fault.
    this.#since = timestamp(Math.min(began_ms ?? began.wall_ms, now.wall_ms));
    this.#flapping.note(state, now.monotonic_ms, flapping);
  }

  /** It goes down and comes back too often to be told each time. */
  isFlapping(now: Now): boolean {
    return this.#flapping.calm_ms(now.monotonic_ms) !== undefined;
  }

  /** When it has to be looked at again though nothing changes, by the monotonic clock. */
  nextDeadline_ms(now: Now): number | undefined {
    const due_ms = Math.min(this.#coming?.due_ms ?? Infinity, this.#flapping.calm_ms(now.monotonic_ms) ?? Infinity);
    return due_ms === Infinity ? undefined : due_ms;
  }
}

function timestamp(wall_ms: number): Timestamp {
  return new Date(wall_ms).toISOString();
}
