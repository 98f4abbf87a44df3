import { Alert, Id, Timestamp } from '@guaita/model';
import { z } from 'zod';

/** What people outside are told of an alert. */
export const NotificationEvent = z.enum(['begin', 'reminder', 'end']);
export type NotificationEvent = z.infer<typeof NotificationEvent>;

/**
 * The highest count that is believed, one a second for 136 years: whoever hears it counts on from it, and has to be able
 * to.
 */
export const TOLD_MOST = 2 ** 32;
const Count = z.int().min(0).max(TOLD_MOST);

/** What one receiver has been told of an alert. Newer is what is greater in (round, ended, reminders). */
export const Told = z.object({
  round: Count.min(1).describe('an alert whose kind has no count of events may begin again under its id'),
  reminders: Count.describe('how often it was told that the alert is still open'),
  ended: z.boolean().describe('it was told that the alert is over'),
  at: Timestamp.describe('when the newest of these was sent'),
});
export type Told = z.infer<typeof Told>;

/** Whom a monitor can tell of alerts at all. */
export const Receivers = z.object({
  receivers: z
    .array(Id)
    .max(1000)
    .describe('by the names that they have in its configuration, and all others in theirs'),
  at: Timestamp.describe('when its alert service began with these'),
});
export type Receivers = z.infer<typeof Receivers>;

/** What the outside has been told of an alert, as far as this monitor knows. */
export const Sent = z.object({
  alert: Alert.describe('as it was when it was told, for whoever tells its end'),
  to: z.record(Id, Told).describe('by the name of the receiver'),
});
export type Sent = z.infer<typeof Sent>;

/** What a monitor could not tell the outside, and does not try to any more. */
export const Unsent = z.object({
  alert: Alert,
  to: z
    .record(
      Id,
      z.object({
        event: NotificationEvent,
        key: z.string().describe('the idempotency key of what was not sent'),
        why: z.string().describe('one plain sentence'),
        attempts: Count.min(1),
        at: Timestamp.describe('when it was given up'),
      }),
    )
    .describe('by the name of the receiver'),
});
export type Unsent = z.infer<typeof Unsent>;
