import type { NotificationEvent } from '@guaita/messages';
import type { Alert, Id } from '@guaita/model';

/** Something that one receiver is told of one alert. */
export interface Notification {
  /** The same for each attempt, whoever makes it: by it a receiver knows what it has got already. */
  readonly key: string;
  readonly event: NotificationEvent;
  /** Its text is what is told. */
  readonly alert: Alert;
  /** Who tells it. */
  readonly monitor: Id;
}

/** Which of the things that a receiver may be told of an alert it is. */
export interface Step {
  readonly event: NotificationEvent;
  readonly round: number;
  /** Counts the reminders of a round; 0 for any other event. */
  readonly reminder: number;
}

/** The idempotency key of a step: letters, digits and dashes, at most 64. */
export function keyOf(alert: string, { event, round, reminder }: Step): string {
  const parts = [alert, ...(round === 1 ? [] : [round]), event, ...(event === 'reminder' ? [reminder] : [])];
  return parts.join('-');
}
