import type { ReceiverConfig } from './config.ts';
import type { Notification } from './notification.ts';
import { post, type Posted } from './post.ts';
import { requestFor } from './requests.ts';
import { sendEvent } from './serf-event.ts';

/** Tells a receiver something, once. @param signal gives it up. @returns what came of it; it never throws. */
export function tell(way: ReceiverConfig, notification: Notification, signal: AbortSignal): Promise<Posted> {
  return way.type === 'serf' ? sendEvent(way, notification, signal) : post(requestFor(way, notification), signal);
}
