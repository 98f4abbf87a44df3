import { createHash } from 'node:crypto';
import type { AlertKind, Id } from '@guaita/model';

/** The id of an alert: what has happened to whom, and for which time. Equal on every broker. */
export function alertId(kind: AlertKind, subject: Id, episode: number, part?: string): string {
  return createHash('sha256')
    .update(JSON.stringify([subject, kind, episode, ...(part === undefined ? [] : [part])]))
    .digest('hex')
    .slice(0, 16);
}
