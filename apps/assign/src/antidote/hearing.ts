import type { Id } from '@guaita/model';
import { compareLives, type Life } from './life.ts';

/** What is written at one data centre is at the others within 3 s, on a busy host within 30: beats come once a minute. */
const SILENCE_ms = 150_000;

/** Tells by the beats of monitors, which are written anyway, which data centre no longer hears which. */
export class Hearing {
  readonly #silence_ms: number;
  /** Of each host: what stood at its own server longest ago that is old enough to be everywhere, and all that came since. */
  readonly #said = new Map<Id, { readonly life: Life; readonly at_ms: number }[]>();

  constructor(silence_ms = SILENCE_ms) {
    this.#silence_ms = silence_ms;
  }

  /** Takes what stands at the server of a host of its own monitor. */
  said(host: Id, life: Life, now_ms: number): void {
    const said = this.#said.get(host) ?? [];
    const last = said.at(-1);
    if (last === undefined || compareLives(last.life, life) < 0) said.push({ life, at_ms: now_ms });
    while ((said[1]?.at_ms ?? Infinity) <= now_ms - this.#silence_ms) said.shift();
    this.#said.set(host, said);
  }

  /**
   * Whether another server should have heard more of a host by now.
   *
   * @param heard what stands there of the host's monitor, if anything does.
   */
  isDeaf(host: Id, heard: Life | undefined, now_ms: number): boolean {
    const [oldest] = this.#said.get(host) ?? [];
    if (oldest === undefined || oldest.at_ms > now_ms - this.#silence_ms) return false;
    return heard === undefined || compareLives(heard, oldest.life) < 0;
  }
}
