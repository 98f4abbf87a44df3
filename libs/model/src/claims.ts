import { z } from 'zod';
import { Id } from './ids.ts';
import { Incarnation } from './incarnation.ts';
import { Timestamp } from './time.ts';

/**
 * Claims, and what operators intend, are kept in 256 buckets by hash of their subject: a change says one bucket again,
 * not all of them.
 */
export const BUCKETS = 256;

/**
 * The highest number of an outage: one a second for 136 years. Whoever counts on from it stays at it, so that no number
 * that somebody made up leads others to one that nobody takes.
 */
export const EPISODE_MAX = 2 ** 32;

/** A monitor's statement "I watch this device". A leaving claim still watches, but counts for nobody. */
export const Claim = z.object({
  state: z.enum(['held', 'leaving']),
  sees: z
    .enum(['unprobed', 'answering', 'down'])
    .describe('what this monitor sees of the device since it claimed it; unprobed: nothing yet, or nothing for long'),
  down_since: Timestamp.optional(),
  episode: z.int().min(0).max(EPISODE_MAX).default(0).describe('counts the outages of the device'),
});
export type Claim = z.infer<typeof Claim>;

/** The claims of one bucket, by device. */
export const Claims = z.record(Id, Claim);
export type Claims = z.infer<typeof Claims>;

/** The claim on a device; `claims[device]` would find for a device called "constructor" what every object inherits. */
export function claimOn(claims: Readonly<Claims>, device: Id): Claim | undefined {
  return Object.hasOwn(claims, device) ? claims[device] : undefined;
}

/** One bucket of a monitor's claims as it is said. Newer is what is greater in (incarnation, version). */
export const ClaimBucket = z.object({
  incarnation: Incarnation,
  version: z.int().min(1).describe('the claims version at this bucket’s last change'),
  claims: Claims,
});
export type ClaimBucket = z.infer<typeof ClaimBucket>;
