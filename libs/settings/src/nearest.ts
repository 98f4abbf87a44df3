import { distance } from 'fastest-levenshtein';

/** The known name that somebody who wrote `name` most likely meant; `undefined` when none is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  // A third of the letters, or two: above that a guess misleads more than it helps. Nothing of `name` is no guess.
  let best: string | undefined;
  let least = Math.min(Math.max(2, Math.floor(name.length / 3)) + 1, name.length);
  for (const candidate of known) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least) {
      least = edits;
      best = candidate;
    }
  }
  return best;
}

/** `did you mean "interval_s"?`, or what else can be done. */
export function didYouMean(name: string, known: readonly string[], quote = '"'): string {
  const guess = nearest(name, known);
  if (guess !== undefined) return `did you mean ${quote}${guess}${quote}?`;
  if (known.length === 0 || known.length > 12) return 'take it out';
  return `known are ${known.map((text) => `${quote}${text}${quote}`).join(', ')}`;
}
