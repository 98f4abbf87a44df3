import { z } from 'zod';

/** A moment: ISO 8601 in UTC, as `Date.prototype.toISOString` writes it. */
export const Timestamp = z.iso.datetime().describe('ISO 8601, UTC');
export type Timestamp = z.infer<typeof Timestamp>;

/** `2026-11-23T08:15:00.250Z` */
const WRITTEN = { length: 24, dot: 19, zone: 23 } as const;
const TWO_ZEROS = 11 * 0x30;

/**
 * Milliseconds since 1970 of a moment: what `Date.parse` gives, which takes three times as long for the form in which our
 * services write it. A store does that thousands of times a second.
 */
export function timestamp_ms(text: Timestamp): number {
  const isWritten = text.length === WRITTEN.length && text[WRITTEN.dot] === '.' && text[WRITTEN.zone] === 'Z';
  // `Date.UTC` takes the years 0 to 99 for those of the last century.
  if (!isWritten || text.startsWith('00')) return Date.parse(text);
  return Date.UTC(
    100 * two(text, 0) + two(text, 2),
    two(text, 5) - 1,
    two(text, 8),
    two(text, 11),
    two(text, 14),
    two(text, 17),
    10 * two(text, 20) + Number(text[22]),
  );
}

/** A number of two digits. */
function two(text: string, at: number): number {
  return 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - TWO_ZEROS;
}
