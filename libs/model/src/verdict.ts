import { z } from 'zod';
import { Claim, EPISODE_MAX } from './claims.ts';
import { Id } from './ids.ts';
import { Timestamp } from './time.ts';

/** What one claimant of a device says of it, and whether that counts. */
export const Vote = z.object({
  monitor: Id,
  sees: Claim.shape.sees,
  down_since: Timestamp.optional(),
  counts: z.boolean(),
  why_not: z.string().optional().describe('why it does not count'),
  at: Timestamp.optional().describe('of its newest observation that is known here'),
  loss_percent: z.number().min(0).max(100).optional(),
  rtt_avg_ms: z.number().min(0).optional(),
});
export type Vote = z.infer<typeof Vote>;

/** What all claimants of a device together say of it. */
export const VerdictState = z.enum(['up', 'down', 'disputed', 'unreachable', 'unknown', 'maintenance']);
export type VerdictState = z.infer<typeof VerdictState>;

/** It is worked on, so nobody has to be told that it is amiss. */
export const InMaintenance = z.object({ why: z.string(), until: Timestamp });
export type InMaintenance = z.infer<typeof InMaintenance>;

/** A verdict, with who says what. */
export const Verdict = z.object({
  state: VerdictState,
  since: Timestamp.describe('when this state began'),
  reason: z.string().describe('one plain sentence'),
  episode: z.int().min(0).max(EPISODE_MAX).describe('which outage of the device this is, or the last one was'),
  flapping: z.literal(true).optional().describe('it has gone down and come back so often that each time is not news'),
  maintenance: InMaintenance.optional().describe('it is worked on: what is amiss with it is called maintenance'),
  seen_by: z.array(Vote),
});
export type Verdict = z.infer<typeof Verdict>;
