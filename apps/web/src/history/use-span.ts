import { useNow } from '../parts/now.ts';
import { RANGES, type Range } from '../route.ts';

/** As many as a wide screen has columns for: a month by its hours. */
export const POINTS = 750;
const AGAIN_least_ms = 15_000;

/** From and up to, in seconds since 1970. */
export interface Seconds {
  readonly from_s: number;
  readonly to_s: number;
}

/** The span that is shown, which moves on with the time, by steps that can be seen. */
export function useSpan(range: Range): Seconds & { readonly again_ms: number } {
  const length_s = RANGES[range];
  const step_s = Math.max(AGAIN_least_ms / 1000, Math.round(length_s / POINTS));
  const now_ms = useNow(AGAIN_least_ms);
  const to_s = Math.ceil(now_ms / 1000 / step_s) * step_s;
  return { from_s: to_s - length_s, to_s, again_ms: Math.max(AGAIN_least_ms, step_s * 1000) };
}

/** The part of an API address that says a span. */
export function spanQuery({ from_s, to_s }: Seconds): string {
  const iso = (at_s: number): string => encodeURIComponent(new Date(at_s * 1000).toISOString());
  return `from=${iso(from_s)}&to=${iso(to_s)}`;
}
