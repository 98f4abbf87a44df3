const LINE_FEED = 0x0a;

/** What a segment holds that a crash, or a loss of power, may have cut short. */
export interface WholeLines {
  /** How many lines are whole. */
  readonly lines: number;
  /** Where the last of them ends. */
  readonly size_bytes: number;
}

/**
 * Finds the whole lines of a segment: rows have no line feed within them, so what stands behind the last one is torn.
 * After a loss of power some file systems show zeros where nothing was written: from the first of them on nothing counts.
 */
export function wholeLines(bytes: Buffer): WholeLines {
  const zero = bytes.indexOf(0);
  const end = zero === -1 ? bytes.length : zero;
  let lines = 0;
  let size_bytes = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1 && at < end; at = bytes.indexOf(LINE_FEED, at + 1)) {
    lines += 1;
    size_bytes = at + 1;
  }
  return { lines, size_bytes };
}
