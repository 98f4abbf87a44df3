/**
 * A broker says all that it keeps in one go: a pause as long as this is the end of it. (A message of our own would mark
 * that better, but who may only read may say none.)
 */
const QUIET_ms = 400;
/** And, where it takes its time, as long as so many of its answers. */
const QUIET_answers = 5;
/** But its answer may have come behind thousands of messages. */
const QUIET_most_ms = 3_000;
/** A Pi needs a while for 100,000 devices; whoever says something all the time is not waited for. */
const PATIENCE_ms = 15_000;

/**
 * Hears what a broker keeps, until it has said all of it.
 *
 * @param begin begins the hearing, and gives what ends it; it calls back at each message that was kept.
 */
export async function hearKept(begin: (heard: () => void) => Promise<(() => Promise<void>)[]>): Promise<void> {
  const began_ms = performance.now();
  let heard_ms = began_ms;
  const ends = await begin(() => {
    heard_ms = performance.now();
  });
  const answer_ms = performance.now() - began_ms;
  const quiet_ms = Math.min(QUIET_ms + QUIET_answers * answer_ms, QUIET_most_ms);
  const deadline_ms = began_ms + PATIENCE_ms;
  for (;;) {
    const left_ms = Math.min(heard_ms + quiet_ms, deadline_ms) - performance.now();
    if (left_ms <= 0) break;
    await new Promise((resolve) => setTimeout(resolve, left_ms));
  }
  await Promise.all(ends.map((end) => end()));
}
