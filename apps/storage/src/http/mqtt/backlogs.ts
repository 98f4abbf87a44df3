/** What 10,000 devices have retained is some 20 MB, which a phone on a slow line takes a minute for. */
const EACH_MOST_bytes = 32 * 2 ** 20;

/** A Pi with 1 GB of memory has room for that. */
const ALL_MOST_bytes = 64 * 2 ** 20;

/** Somebody for whom bytes wait here because they are not read. */
export interface Reader {
  readonly bufferedAmount: number;
}

/**
 * Which readers have fallen too far behind. The broker is never made to wait for one of them, since then it might keep
 * all others waiting; so what they do not read piles up here, and is bounded for each and for all.
 *
 * @returns those to be cut off, the slowest first.
 */
export function tooFarBehind<Each extends Reader>(readers: Iterable<Each>): Each[] {
  const slowest = [...readers].sort((a, b) => b.bufferedAmount - a.bufferedAmount);
  let all_bytes = slowest.reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0);
  const cut: Each[] = [];
  for (const reader of slowest) {
    if (reader.bufferedAmount <= EACH_MOST_bytes && all_bytes <= ALL_MOST_bytes) break;
    cut.push(reader);
    all_bytes -= reader.bufferedAmount;
  }
  return cut;
}
