/** Two readings of one moment. */
export interface Now {
  /** Never goes back: what everything is decided by. */
  readonly monotonic_ms: number;
  /** For stamps and people only. */
  readonly wall_ms: number;
}
