import { DAY_ms } from '../day.ts';
import type { Span } from '../history.ts';

/** History goes back for ten years, unless told otherwise; a longer span was mistyped, and each of its days costs. */
const SPAN_MOST_days = 11 * 366;

/** What cannot be answered as it was asked: cause and mend, for whoever asked. */
export class QuestionError extends Error {
  override readonly name = 'QuestionError';
}

/**
 * The span that is asked about.
 *
 * @param asked moments in ISO 8601: up to now when `to` is left out, and a day when `from` is.
 * @throws {QuestionError} when it is reversed, empty or too long.
 */
export function askedSpan(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  now_ms: number,
): Span {
  const to_ms = to === undefined ? now_ms : Date.parse(to);
  const from_ms = from === undefined ? to_ms - DAY_ms : Date.parse(from);
  if (to_ms - from_ms > SPAN_MOST_days * DAY_ms)
    throw new QuestionError(`the span is of more than ${SPAN_MOST_days} days; give a shorter one`);
  if (from_ms < to_ms) return { from_ms, to_ms };
  const [begin, end] = [from_ms, to_ms].map((ms) => new Date(ms).toISOString());
  throw new QuestionError(`the span is reversed or empty: from ${begin} is not before to ${end}; exchange them`);
}
