import type { Id, VerdictState } from '@guaita/model';
import type { Span } from '../history.ts';

/** A verdict that began, in the order of time. */
export interface Change {
  readonly at_ms: number;
  readonly state: VerdictState;
}

/** For how long a device was in which state in a day or month. */
export interface Availability extends Span {
  readonly up_ms: number;
  readonly down_ms: number;
  readonly unknown_ms: number;
  readonly maintenance_ms: number;
  /** Of the time in which it was known and not worked on; null when there was none. */
  readonly percent: number | null;
}

/**
 * What a state counts as. What is disputed was seen up by at least half of its monitors; what is unreachable was of no use
 * to anybody, whoever is to blame.
 */
const COUNTS_AS = {
  up: 'up_ms',
  disputed: 'up_ms',
  down: 'down_ms',
  unreachable: 'down_ms',
  unknown: 'unknown_ms',
  maintenance: 'maintenance_ms',
} as const satisfies Record<VerdictState, keyof Availability>;

/** The days or months (UTC) of a span; the first and the last may be cut. */
export function periods({ from_ms, to_ms }: Span, per: 'day' | 'month'): Span[] {
  const found: Span[] = [];
  for (let begin = from_ms; begin < to_ms;) {
    const date = new Date(begin);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
    const next = per === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
    found.push({ from_ms: begin, to_ms: Math.min(next, to_ms) });
    begin = next;
  }
  return found;
}

/**
 * How long a device was in which state in one period, by the changes of its verdict. Before the first change that is known, and
 * after `until_ms` (the future), nothing is known.
 *
 * @param changes in the order of time; those before the period tell in which state it began.
 */
export function availability(changes: readonly Change[], { from_ms, to_ms }: Span, until_ms: number): Availability {
  const spent = { up_ms: 0, down_ms: 0, unknown_ms: 0, maintenance_ms: 0 };
  let since_ms = from_ms;
  const end_ms = Math.max(from_ms, Math.min(to_ms, until_ms));
  let index = countUntil(changes, from_ms);
  let state = changes[index - 1]?.state ?? 'unknown';
  for (; index < changes.length && changes[index]!.at_ms < end_ms; index++) {
    const change = changes[index]!;
    spent[COUNTS_AS[state]] += change.at_ms - since_ms;
    ({ state, at_ms: since_ms } = change);
  }
  spent[COUNTS_AS[state]] += end_ms - since_ms;
  spent.unknown_ms += to_ms - end_ms;
  const known_ms = spent.up_ms + spent.down_ms;
  return { from_ms, to_ms, ...spent, percent: known_ms === 0 ? null : (spent.up_ms / known_ms) * 100 };
}

/**
 * Devices by the part of a span in which they were up, the least first, and last those of which nothing is known.
 *
 * @param changes of each device, as `availability` takes them.
 */
export function worstFirst(changes: ReadonlyMap<Id, readonly Change[]>, span: Span, until_ms: number): Id[] {
  return [...changes]
    .map(([device, each]) => ({ device, percent: availability(each, span, until_ms).percent ?? Infinity }))
    .sort((a, b) => (a.percent === b.percent ? (a.device < b.device ? -1 : 1) : a.percent - b.percent))
    .map(({ device }) => device);
}

/** How many changes were made by a moment: by bisection, since a device that flaps for years has many. */
function countUntil(changes: readonly Change[], at_ms: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle]!.at_ms <= at_ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
