import { beginOfDay_ms, DAY_ms, dayOf, type Day } from '../day.ts';
import type { Span } from '../history.ts';

/** The parts of a span, in whole days but for its ends, whose days are not among those; those that touch are one. */
export function gaps({ from_ms, to_ms }: Span, days: ReadonlySet<Day>): Span[] {
  const found: { from_ms: number; to_ms: number }[] = [];
  for (let begin = from_ms; begin < to_ms;) {
    const end = Math.min(beginOfDay_ms(begin) + DAY_ms, to_ms);
    if (!days.has(dayOf(begin))) {
      const last = found.at(-1);
      if (last?.to_ms === begin) last.to_ms = end;
      else found.push({ from_ms: begin, to_ms: end });
    }
    begin = end;
  }
  return found;
}
