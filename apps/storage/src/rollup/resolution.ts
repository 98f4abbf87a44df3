import { DAY_ms } from '../day.ts';

/** How far measurements are put together: so many minutes, hours, days. */
export const ROLLED = ['5m', '1h', '1d'] as const;
export type Rolled = (typeof ROLLED)[number];

/** The same, and before all of them each measurement by itself: the finest first. */
export const RESOLUTIONS = ['raw', ...ROLLED] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

const MINUTE_ms = 60_000;

/** How long a bucket of each resolution is. */
export const BUCKET_ms: Readonly<Record<Rolled, number>> = { '5m': 5 * MINUTE_ms, '1h': 60 * MINUTE_ms, '1d': DAY_ms };

/**
 * Which file a bucket stands in, by its moment in ISO 8601: a day's, a month's or a year's. To open a file takes as long
 * as to read thousands of its rows, so what is asked for over a long time stands in few; to write the month again each day
 * comes to a thirtieth of what the journal writes.
 */
const PERIOD_characters: Readonly<Record<Rolled, number>> = { '5m': 10, '1h': 7, '1d': 4 };

/** The period, `2026-11-23`, `2026-11` or `2026`, whose file a moment stands in. */
export function periodOf(resolution: Rolled, at_ms: number): string {
  return new Date(at_ms).toISOString().slice(0, PERIOD_characters[resolution]);
}

/** Whether a text is such a period. */
export function isPeriod(resolution: Rolled, text: string): boolean {
  return text.length === PERIOD_characters[resolution] && /^\d{4}(-\d{2}){0,2}$/.test(text);
}
