import type { Span } from '../history.ts';
import { BUCKET_ms, RESOLUTIONS, type Resolution } from '../rollup/resolution.ts';

/** How often a device is measured, about: as the inventory has it by default. */
const INTERVAL_ms = 60_000;

const STEP_ms: Readonly<Record<Resolution, number>> = { raw: INTERVAL_ms, ...BUCKET_ms };

/** Since when there is anything of each resolution; what is left out has nothing. */
export type KeptSince = Readonly<Partial<Record<Resolution, number>>>;

/**
 * The finest resolution that gives no more than about so many points, and goes back as far as the span does; where none
 * does, the one that goes back furthest.
 */
export function resolutionFor({ from_ms, to_ms }: Span, points: number, keptSince_ms: KeptSince): Resolution {
  const fine = RESOLUTIONS.filter((resolution) => (to_ms - from_ms) / STEP_ms[resolution] <= points);
  const eligible = fine.length > 0 ? fine : (['1d'] as const);
  const reaching = eligible.find((resolution) => (keptSince_ms[resolution] ?? Infinity) <= from_ms);
  if (reaching !== undefined) return reaching;
  const since = (resolution: Resolution): number => keptSince_ms[resolution] ?? Infinity;
  return eligible.reduce((best, resolution) => (since(resolution) < since(best) ? resolution : best));
}
