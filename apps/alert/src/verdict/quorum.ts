import type { Vote } from '@guaita/model';

/** How many of the voters must say that a device is down before it is. */
export type Quorum = 'any' | 'majority' | 'all' | number;

/** What the voters of a device say together, before its parents and maintenance are looked at. */
export type Tally = 'up' | 'down' | 'disputed' | 'unknown';

/**
 * Counts votes. Nobody who can tell: unknown. Nobody says down: up. As many say down as the quorum asks for: down;
 * fewer: disputed. The majority is more than half, so that one against one is disputed.
 *
 * @param votes of all claimants; those that do not count are passed over.
 */
export function tally(votes: readonly Vote[], quorum: Quorum): Tally {
  const voters = votes.filter(({ counts }) => counts);
  if (voters.length === 0) return 'unknown';
  const down = voters.filter(({ sees }) => sees === 'down').length;
  if (down === 0) return 'up';
  return down >= needed(quorum, voters.length) ? 'down' : 'disputed';
}

/** Of fewer voters than a number asks for, all have to agree. */
function needed(quorum: Quorum, voters: number): number {
  switch (quorum) {
    case 'any':
      return 1;
    case 'majority':
      return Math.floor(voters / 2) + 1;
    case 'all':
      return voters;
    default:
      return Math.min(quorum, voters);
  }
}
