export interface AntidotePace {
  /** How often the monitors' lives are read. */
  readonly poll_ms: number;
  /** The same while something moves: who takes over waits for it. */
  readonly busyPoll_ms: number;
  /** For how long something that moved lets us poll faster. */
  readonly busy_ms: number;
  /** How often our beat is written when nothing else is. */
  readonly beat_ms: number;
  /** Between two writes of what changed: changes within this time are written together. */
  readonly write_ms: number;
  /** A beat that moved since a read that is longer ago may have done so long ago, and is no life. */
  readonly gap_ms: number;
  /** Between two attempts at what is gone, and gone again. */
  readonly repair_ms: number;
}

/**
 * A poll of 60 monitors moves some 5 KB, and each beat some 1.2 KB of a log that is never truncated: at these paces an
 * idle monitor of 60 moves 1.2 KB/s, and the log of the whole mesh grows by 110 MB a day.
 */
export const ANTIDOTE_PACE: AntidotePace = {
  ...{ poll_ms: 5_000, busyPoll_ms: 1_500, busy_ms: 30_000 },
  ...{ beat_ms: 60_000, write_ms: 500, gap_ms: 20_000, repair_ms: 60_000 },
};
