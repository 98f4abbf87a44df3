import type { Id } from '@guaita/model';
import type { Patience } from './link.ts';

/** Whoever is silent for so long is taken for dead by others, and another does its work: what it knew is of before. */
const AWAY_ms = 3_000;

/**
 * Whether what is known of the others is of now. Whoever was away, because its host stood still or its fastest link was
 * down, has to hear what that link has kept and then each other's next beat: until then it knows what was when it left.
 */
export class Abreast {
  readonly #link: Id | undefined;
  readonly #silence_ms: number;
  /** Since when the link stands again, we go on, and it has told nothing that it had kept; `undefined`: long since. */
  #since_ms: number | undefined;
  #isCut = false;

  /** @param patience the sources of life, the fastest first. */
  constructor(patience: readonly Patience[]) {
    const fastest = patience.find(({ silence_ms }) => silence_ms > 0 && Number.isFinite(silence_ms));
    this.#link = fastest?.link;
    this.#silence_ms = fastest?.silence_ms ?? 0;
  }

  /** A link can carry messages now, or no longer. */
  connected(link: Id, connected: boolean, now_ms: number): void {
    if (link !== this.#link) return;
    if (connected && this.#isCut) this.#since_ms = now_ms;
    this.#isCut = !connected;
  }

  /** A link has carried what it had kept. */
  heardStored(link: Id, now_ms: number): void {
    if (link === this.#link && this.#since_ms !== undefined) this.#since_ms = now_ms;
  }

  /** This one did nothing for so long. */
  stoodStill(pause_ms: number, now_ms: number): void {
    if (pause_ms >= AWAY_ms) this.#since_ms = now_ms;
  }

  /**
   * @param paused_ms how long ago it did something last.
   * @param isSettled whether nothing is missing of what was heard; asked when the time is over.
   */
  is(now_ms: number, paused_ms: number, isSettled: () => boolean): boolean {
    if (this.#isCut || paused_ms >= AWAY_ms) return false;
    if (this.#since_ms === undefined) return true;
    if (now_ms < this.#since_ms + this.#silence_ms || !isSettled()) return false;
    this.#since_ms = undefined;
    return true;
  }
}
