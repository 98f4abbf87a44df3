import { EPISODE_MAX, type Claim } from '@guaita/model';

/** What some monitor claims of a device, and whether that monitor lives. */
export interface SeenClaim {
  readonly claim: Claim;
  readonly live: boolean;
}

/** The highest episode that any claim of a device knows. */
export function highestEpisode(claims: readonly SeenClaim[]): number {
  return claims.reduce((highest, { claim }) => Math.max(highest, claim.episode), 0);
}

/**
 * The episode of an outage that this monitor begins to see: the one that is open, so that all monitors name one event
 * alike, else the next. An outage that only dead monitors saw is open while no live one saw the device answer since.
 */
export function outageEpisode(claims: readonly SeenClaim[]): number {
  const highest = highestEpisode(claims);
  const down = claims.filter(({ claim }) => claim.sees === 'down');
  const open = down.filter(({ live }) => live);
  if (open.length > 0) return highestEpisode(open);
  const over = claims.some(({ claim, live }) => live && claim.sees === 'answering' && claim.episode === highest);
  return down.length > 0 && highestEpisode(down) === highest && !over ? highest : Math.min(highest + 1, EPISODE_MAX);
}
