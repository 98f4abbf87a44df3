import { z } from 'zod';
import { EPISODE_MAX } from './claims.ts';
import { Id } from './ids.ts';
import { Acknowledgement, Cause, Operator } from './operator.ts';
import { Timestamp } from './time.ts';
import { TroubleKind } from './trouble.ts';
import { Vote } from './verdict.ts';

/** `critical`: something is gone. `warning`: something is about to be, or nobody can tell. `info`: worth knowing. */
export const Severity = z.enum(['critical', 'warning', 'info']);
export type Severity = z.infer<typeof Severity>;

/** What has happened. */
export const AlertKind = z.enum([
  'down',
  'disputed',
  'flapping',
  'under-watched',
  'monitor-lost',
  'monitor-isolated',
  'monitor-disk-low',
  'monitor-disk-full',
  'monitor-services-left-out',
  'site-lost',
  ...TroubleKind.options,
]);
export type AlertKind = z.infer<typeof AlertKind>;

/** Sixteen hexadecimal digits, made of what happened to whom: each broker names one event alike. */
export const AlertId = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits');

/** Which silence keeps an alert from being told; of several the one that ends last. */
export const Silenced = z.object({ silence: Id, by: Operator, why: Cause, until: Timestamp });
export type Silenced = z.infer<typeof Silenced>;

/** A change worth telling, or its end. */
export const Alert = z.object({
  id: AlertId.describe('of the event; its end bears the same'),
  kind: AlertKind,
  severity: Severity,
  subject: Id.describe('the device, or the monitor or site where the kind begins with "monitor" or "site"'),
  part: z.string().optional().describe('the interface of the device that it is about, where it is about one'),
  name: z.string().describe('the name that people know the subject by'),
  tags: z.array(Id),
  episode: z.int().min(0).max(EPISODE_MAX).describe('which event of this kind it is'),
  since: Timestamp.describe('when it began'),
  at: Timestamp.describe('when this was said'),
  text: z.string().describe('one plain sentence'),
  seen_by: z.array(Vote),
  resolves: z.boolean().describe('it is over'),
  silenced: Silenced.optional().describe('of an open alert: it is not told, nor is anybody reminded of it'),
  untold: z.literal(true).optional().describe('of an open alert: it was never told, since it began silenced'),
  acknowledged: Acknowledgement.optional().describe('of an open alert: somebody takes care of it'),
});
export type Alert = z.infer<typeof Alert>;
