import type { Id } from '@guaita/model';
import { FIRST_SEED, hashId, hashPair, SECOND_SEED } from './hash.ts';

/**
 * Monitors in the order in which a piece of work is theirs, the first first: rendezvous hashing, equal everywhere with no
 * message, and whoever leaves or comes changes nothing in the order of the others.
 *
 * @param work what is to be done by one of them.
 */
export function rankedFor(work: Id, monitors: Iterable<Id>): Id[] {
  const first = hashId(work, FIRST_SEED);
  const second = hashId(work, SECOND_SEED);
  return [...monitors]
    .map((monitor) => ({ monitor, hash: hashPair(first, second, hashId(monitor, FIRST_SEED)) }))
    .sort((one, other) => other.hash - one.hash || (one.monitor < other.monitor ? -1 : 1))
    .map(({ monitor }) => monitor);
}
