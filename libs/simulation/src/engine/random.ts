/** A source of numbers that a seed decides: the same seed gives the same numbers for ever, on every machine. */
export interface Random {
  /** A number in [0, 1). */
  (): number;
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand): small, fast, and good enough for choices that nobody attacks.
 *
 * @param seed any number
 * @param purpose keeps the sources of one seed apart, so that one more draw here changes nothing there: what makes a
 * story shrink well.
 */
export function seededRandom(seed: number, purpose: string): Random {
  let [a, b, c] = [0x9e3779b9 ^ seed, hash(purpose), Math.floor(seed / 2 ** 32) | 0];
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) next();
  return next;
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value | 0;
}

/** A number in [from, to). */
export function between(random: Random, from: number, to: number): number {
  return from + random() * (to - from);
}

/** A whole number from `from` to `to`, both included. */
export function whole(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

/** True in one of so many cases. */
export function chance(random: Random, probability: number): boolean {
  return random() < probability;
}

/** One of the things, each as likely. */
export function pick<T>(random: Random, things: readonly T[]): T {
  const thing = things[Math.floor(random() * things.length)];
  if (thing === undefined) throw new RangeError('there is nothing to pick from');
  return thing;
}

/** The same things in an order by lot. */
export function shuffled<T>(random: Random, things: readonly T[]): T[] {
  return things
    .map((thing) => ({ thing, lot: random() }))
    .sort((one, other) => one.lot - other.lot)
    .map(({ thing }) => thing);
}
