import type { Digest } from '@guaita/model';
import { finish, mixWord } from './hash.ts';

const TWO_32 = 2 ** 32;

/** Two seeds make two independent halves: 64 bits, so that two states of one digest are not to be expected. */
const SEED_HIGH = 0x2f0b4c47;
const SEED_LOW = 0x51ed270b;

/** One half of the hash of some whole numbers, each below 2^53. */
function half(seed: number, numbers: readonly number[]): number {
  let hash = seed;
  for (const number of numbers) hash = mixWord(mixWord(hash, number | 0), Math.floor(number / TWO_32));
  return finish(hash);
}

/**
 * A digest of a set that does not depend on its order and follows each change at once: the exclusive or of the hashes
 * of what is in it.
 */
export class SetDigest {
  #high = 0;
  #low = 0;

  /** Puts in what was not in the set, or takes out what was. An element is some whole numbers from 0 to 2^53. */
  toggle(...element: readonly number[]): void {
    this.#high ^= half(SEED_HIGH, element);
    this.#low ^= half(SEED_LOW, element);
  }

  /** The digest of what is in either of some sets that have nothing in common. */
  static union(sets: Iterable<SetDigest>): SetDigest {
    const union = new SetDigest();
    for (const set of sets) {
      union.#high ^= set.#high;
      union.#low ^= set.#low;
    }
    return union;
  }

  get text(): Digest {
    return hex(this.#high) + hex(this.#low);
  }
}

/** The digest of the empty set. */
export const EMPTY_DIGEST: Digest = '0'.repeat(16);

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
