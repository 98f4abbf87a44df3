import { type Header, type Id, INCARNATION_MAX } from '@guaita/model';

/**
 * What is further from what is known than this was made up: no monitor starts so often, and at one beat a second, with
 * twenty more for news at the most, none beats so often between two that somebody hears.
 */
export const LEAP_MOST = 2 ** 32;

/** How long trouble with what was made up is shown after the last of it. */
const SHOWN_ms = 600_000;

type Beat = Pick<Header, 'host_key' | 'incarnation' | 'beat'>;

/** Whether an incarnation may be that of a monitor of which another is known; 0 when none is. */
export function isBelievable(incarnation: number, known: number): boolean {
  return incarnation <= known + LEAP_MOST && incarnation < INCARNATION_MAX;
}

/** A header is so far from the one that is known of its monitor that one of them was made up, or is of another host. */
export function isFarFrom(known: Beat, header: Beat): boolean {
  if (header.incarnation !== known.incarnation) return Math.abs(header.incarnation - known.incarnation) > LEAP_MOST;
  return header.host_key === known.host_key && header.beat > known.beat + LEAP_MOST;
}

/** Remembers, for people, which headers were not followed because they must have been made up. */
export class MadeUp {
  #last: { readonly problem: string; readonly at_ms: number } | undefined;

  note(monitor: Id, header: Beat, known: Beat, link: Id, now_ms: number): void {
    const problem =
      `a header of "${monitor}" that came over ${link}, with incarnation ${header.incarnation} and beat ${header.beat}, ` +
      `is not followed: it lives with ${known.incarnation} and ${known.beat}, and nobody comes so far; ` +
      'find who makes it up, and let nobody write in the name of another';
    this.#last = { problem, at_ms: now_ms };
  }

  /** What was not followed of late, and how it is mended. */
  problem(now_ms: number): string | undefined {
    return this.#last !== undefined && now_ms < this.#last.at_ms + SHOWN_ms ? this.#last.problem : undefined;
  }
}
