/** A broker says all that it keeps in one go: a pause as long as this is the end of it. */
const QUIET_ms = 400;
/** A Pi needs a while for 100,000 devices; whoever says something all the time is not waited for. */
const PATIENCE_ms = 15_000;

/**
 * Hears what a broker keeps, until it has said all of it.
 *
 * @param begin begins the hearing, and gives what ends it; it calls back at each message that was kept.
 */
export async function hearKept(begin: (heard: () => void) => Promise<(() => Promise<void>)[]>): Promise<void> {
  let heard_ms = performance.now();
  const deadline_ms = heard_ms + PATIENCE_ms;
  const ends = await begin(() => {
    heard_ms = performance.now();
  });
  for (;;) {
    const left_ms = Math.min(heard_ms + QUIET_ms, deadline_ms) - performance.now();
    if (left_ms <= 0) break;
    await new Promise((resolve) => setTimeout(resolve, left_ms));
  }
  await Promise.all(ends.map((end) => end()));
}
