import type { Latency } from './latency.ts';

/** What a piece of a strip says. */
export type Piece = 'up' | 'lossy' | 'down' | 'none' | 'disputed' | 'unreachable' | 'unknown' | 'maintenance';

/** A stretch of time in which nothing changed. */
export interface Run {
  readonly from_s: number;
  readonly to_s: number;
  readonly piece: Piece;
}

/** What one monitor saw over time, as runs; where it did not look is a gap. */
export function runsOf({ at_s, step_s, gap_s, loss_percent }: Latency, to_s: number): Run[] {
  const runs: { from_s: number; to_s: number; piece: Piece }[] = [];
  for (const [index, from_s] of at_s.entries()) {
    const next_s = at_s[index + 1] ?? to_s;
    const end_s = next_s - from_s > gap_s ? from_s + step_s : next_s;
    const loss = loss_percent[index] ?? null;
    const piece = loss === null ? 'none' : loss >= 100 ? 'down' : loss > 0 ? 'lossy' : 'up';
    const last = runs.at(-1);
    if (last?.piece === piece && last.to_s >= from_s) last.to_s = end_s;
    else runs.push({ from_s, to_s: end_s, piece });
  }
  return runs;
}

/** How much of the time that is known was each piece. */
export function sharesOf(runs: readonly Run[]): Map<Piece, number> {
  const shares = new Map<Piece, number>();
  const all_s = runs.reduce((sum, { from_s, to_s }) => sum + to_s - from_s, 0);
  for (const { from_s, to_s, piece } of runs)
    shares.set(piece, (shares.get(piece) ?? 0) + (to_s - from_s) / (all_s || 1));
  return shares;
}
