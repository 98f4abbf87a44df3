import type { Told } from '@guaita/messages';
import type { Step } from './notification.ts';

/** What a receiver was told, and when that became known here or was sent, by this host's monotonic clock. */
export interface ToldHere extends Told {
  readonly at_ms: number;
}

/** The newer of two: in whatever order and however often they are joined, the outcome is the same. */
export function newerTold<One extends Told>(one: One | undefined, other: One): One {
  return one === undefined || compareTold(one, other) < 0 ? other : one;
}

/** Below 0 when the first is older. */
export function compareTold(one: Told, other: Told): number {
  return one.round - other.round || Number(one.ended) - Number(other.ended) || one.reminders - other.reminders;
}

/** What a receiver was told once a step was sent. */
export function toldAfter({ event, round, reminder }: Step, before: Told | undefined, at: string): Told {
  const reminders = event === 'reminder' ? reminder : event === 'end' ? (before?.reminders ?? 0) : 0;
  return { round, reminders, ended: event === 'end', at };
}

/** Whether a step is no longer to be told, since somebody has told it, or what comes after it. */
export function isTold({ event, round, reminder }: Step, told: Told | undefined): boolean {
  if (told === undefined || told.round !== round) return told !== undefined && told.round > round;
  return event === 'begin' || told.ended || (event === 'reminder' && told.reminders >= reminder);
}
