import type ICAL from 'ical.js';

/** More often than daily nobody works on a network; to go through years of seconds would hold everything up. */
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];

/**
 * Why a rule is not followed; undefined when it is. Not followed is what may never come (each seventh day, when it is a
 * Tuesday): the library would look for its next time without end.
 *
 * @see RFC 5545, 3.3.10
 */
export function refusalOfRule({ freq, interval, parts }: ICAL.Recur): string | undefined {
  if (!FREQUENCIES.includes(freq)) return `it is repeated ${freq}: that may be ${FREQUENCIES.join(', ')}`;
  const limits = Object.keys(parts);
  const mayNeverCome = limits.length > 1 || (limits.length === 1 && interval > 1);
  if (freq !== 'DAILY' || !mayNeverCome) return undefined;
  return `it is repeated DAILY by ${limits.join(' and ')}${interval > 1 ? `, each ${interval} days` : ''}: say it WEEKLY, MONTHLY or YEARLY`;
}
