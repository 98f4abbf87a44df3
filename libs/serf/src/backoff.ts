export interface BackoffOptions {
  /** The first pause, before jitter. */
  readonly first_ms: number;
  /** No pause is longer. */
  readonly most_ms: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Pauses between attempts without end: each twice the one before, cut at `most_ms`, and shortened by a random part of up
 * to half, so that the clients of a server that comes back do not all come at once.
 */
export function* backoff({ first_ms, most_ms, random }: BackoffOptions): Generator<number, never> {
  for (let pause_ms = first_ms; ; pause_ms = Math.min(pause_ms * 2, most_ms)) {
    yield Math.min(pause_ms, most_ms) * (1 - random() / 2);
  }
}
