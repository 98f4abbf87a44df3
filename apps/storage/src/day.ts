import type { Span } from './history.ts';

/** A day by UTC: `2026-11-23`. */
export type Day = string;

/** Each is that long: UTC, as computers count it, has no leap seconds. */
export const DAY_ms = 86_400_000;

/** The day of a moment. Years beyond 9999 do not occur: no file system tells them. */
export function dayOf(at_ms: number): Day {
  return new Date(at_ms).toISOString().slice(0, 10);
}

/** When the day of a moment begins. */
export function beginOfDay_ms(at_ms: number): number {
  return Math.floor(at_ms / DAY_ms) * DAY_ms;
}

/** All of a day. */
export function spanOf(day: Day): Span {
  const from_ms = Date.parse(day);
  return { from_ms, to_ms: from_ms + DAY_ms };
}

/** Whether a text is a day’s name, and there is such a day. */
export function isDay(name: string): boolean {
  const from_ms = /^\d{4}-\d{2}-\d{2}$/.test(name) ? Date.parse(name) : Number.NaN;
  // Some parsers take 30 February for 2 March.
  return !Number.isNaN(from_ms) && dayOf(from_ms) === name;
}
