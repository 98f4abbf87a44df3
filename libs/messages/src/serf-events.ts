import { Alert, Timestamp } from '@guaita/model';
import { z } from 'zod';

/** Names of user events that begin so are Guaita's own. */
export const OWN_SERF_EVENTS = 'guaita/';

/** The user event by which members of a Serf cluster are told of an alert; its payload is a `SerfAlert`. */
export const SERF_ALERT_EVENT = `${OWN_SERF_EVENTS}alert`;

/** What a Serf user event holds of an alert: as little as tells what it is about. */
export const SerfAlert = Alert.pick({
  id: true,
  severity: true,
  kind: true,
  subject: true,
  resolves: true,
  at: true,
}).extend({
  key: z.string().describe('the same for each attempt to tell it: who has got it already may pass over it'),
  text: z.string().describe('one plain sentence, or as much of it as there is room for'),
});
export type SerfAlert = z.infer<typeof SerfAlert>;

/** A user event of the Serf cluster, as this host’s agent was told of it. */
export const SerfUserEvent = z.object({
  name: z.string().describe('as it was sent, on one line of at most 255 characters'),
  payload: z.string().describe('as it was sent where it is UTF-8, and else in base64'),
  encoding: z.enum(['utf-8', 'base64']).describe('of the payload'),
  lamport_time: z
    .string()
    .regex(/^\d{1,20}$/)
    .describe('orders the events of a cluster; decimal digits, up to 2⁶⁴'),
  at: Timestamp.describe('when it came here'),
});
export type SerfUserEvent = z.infer<typeof SerfUserEvent>;
