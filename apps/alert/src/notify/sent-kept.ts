/** So long a broker keeps what was said to be sent: the channel `sent` expires then. */
export const SENT_KEPT_ms = 86_400_000;

/** For how long a broker has kept what it gives with so many seconds left; at least a moment. */
export function sentKeptFor_ms(left_s = 0): number {
  return Math.max(1, SENT_KEPT_ms - left_s * 1000);
}
