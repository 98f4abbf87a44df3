import type { Span } from '../history.ts';
import { dayOf, type Day } from '../journal/names.ts';

const DAY_ms = 86_400_000;

/** The parts of a span, in whole days but for its ends, whose days are not among those; those that touch are one. */
export function gaps({ from_ms, to_ms }: Span, days: ReadonlySet<Day>): Span[] {
  const found: { from_ms: number; to_ms: number }[] = [];
  for (let begin = from_ms; begin < to_ms;) {
    const end = Math.min((Math.floor(begin / DAY_ms) + 1) * DAY_ms, to_ms);
    if (!days.has(dayOf(begin))) {
      const last = found.at(-1);
      if (last?.to_ms === begin) last.to_ms = end;
      else found.push({ from_ms: begin, to_ms: end });
    }
    begin = end;
  }
  return found;
}
