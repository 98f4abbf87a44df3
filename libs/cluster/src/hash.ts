import { BUCKETS, type Id } from '@guaita/model';

/** Rotates 32 bits to the left. */
function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Takes one word into a hash: the step of MurmurHash3 x86_32 (Appleby, public domain). */
export function mixWord(hash: number, word: number): number {
  const mixed = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotate(hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
}

/** Spreads what was taken in over all 32 bits: the finaliser of MurmurHash3. */
export function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A hash of 32 bits over the UTF-16 units of a text. The same everywhere and for ever: buckets are made by it. */
export function hashText(text: string, seed = 0): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = mixWord(hash, text.charCodeAt(at));
  return finish(hash ^ text.length);
}

/** The bucket of a device, or of the subject of an intent: 0 to 255. */
export function bucketOf(id: Id): number {
  return hashText(id) & (BUCKETS - 1);
}
