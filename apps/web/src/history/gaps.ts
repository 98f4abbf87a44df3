/** How long a bucket of each resolution of the history is, in seconds. */
const BUCKET_s: Readonly<Record<string, number>> = { '5m': 300, '1h': 3600, '1d': 86_400 };

/** So many usual steps without a measurement are a gap: of measurements one may be late or lost, buckets are there or not. */
const GAP_STEPS = 3.5;
const GAP_BUCKETS = 1.5;

/** How measurements follow each other. */
export interface Rhythm {
  /** When, in seconds since 1970. */
  readonly at_s: readonly number[];
  /** How long one stands for. */
  readonly step_s: number;
  /** Between two that are further apart nobody measured. */
  readonly gap_s: number;
}

/** @param resolution of the history; single measurements have none. */
export function rhythmOf(at_s: readonly number[], resolution = ''): Rhythm {
  const steps = at_s.slice(1).map((at, index) => at - at_s[index]!);
  steps.sort((a, b) => a - b);
  const quantile = (part: number): number | undefined => steps[Math.floor(steps.length * part)];
  const bucket_s = BUCKET_s[resolution];
  if (bucket_s === undefined) {
    const step_s = quantile(0.5) ?? 60;
    return { at_s, step_s, gap_s: step_s * GAP_STEPS };
  }
  // What is measured more seldom than a bucket is long has not something in each.
  const step_s = Math.max(bucket_s, quantile(0.75) ?? bucket_s);
  return { at_s, step_s, gap_s: step_s * GAP_BUCKETS };
}

/**
 * Columns over time with an empty row in each gap: a chart draws a line between what stands side by side, and none where
 * nothing is known.
 */
export function withGaps(
  { at_s, step_s, gap_s }: Rhythm,
  columns: readonly (readonly (number | null)[])[],
): (number | null)[][] {
  const rows = at_s.flatMap((at, index) => {
    const row = [at, ...columns.map((column) => column[index] ?? null)];
    const before = at_s[index - 1];
    if (before === undefined || at - before <= gap_s) return [row];
    return [[before + step_s, ...columns.map(() => null)], row];
  });
  return [null, ...columns].map((_, place) => rows.map((row) => row[place] ?? null));
}
