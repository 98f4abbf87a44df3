/** Tells whether two values of JSON are the same, in whatever order the keys of objects stand. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [of, than] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  let keys = 0;
  for (const key in of) {
    if (!Object.hasOwn(than, key) || !isSameValue(of[key], than[key])) return false;
    keys += 1;
  }
  return keys === Object.keys(than).length;
}
