import type { Expiry } from './channel.ts';

/**
 * Seconds after which a message of a channel stops being true, as MQTT's message expiry interval wants it.
 *
 * @param interval_s the interval of the check that made the message; needed where the expiry counts in intervals.
 * @throws {RangeError} when it is needed and missing.
 */
export function expirySeconds(expiry: Expiry, interval_s?: number): number {
  if ('after_s' in expiry) return expiry.after_s;
  if (interval_s === undefined) throw new RangeError('this channel expires after intervals of its check: say which');
  return Math.ceil(expiry.intervals * interval_s);
}
