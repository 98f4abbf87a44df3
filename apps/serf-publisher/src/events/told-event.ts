import type { SerfUserEvent } from '@guaita/messages';
import { normaliseId, type Id } from '@guaita/model';
import type { UserEvent } from '@guaita/serf';
import { onOneLine } from '../services/names.ts';

/** Agents can be told to take as much for an event, and no more (`UserEventSizeLimit` of Serf's serf.go). */
const PAYLOAD_MOST_bytes = 9 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A user event as MQTT is told of it. */
export interface ToldEvent {
  /** Under which it is told: names that differ in signs or case may have one. */
  readonly id: Id;
  readonly event: SerfUserEvent;
}

/**
 * What is told of a user event; `undefined` where its name makes no level of a topic, or it is larger than Serf carries.
 *
 * @param at when it came, for people.
 */
export function toldEvent({ name, payload, lamportTime }: UserEvent, at: string): ToldEvent | undefined {
  const id = normaliseId(name);
  if (id === undefined || payload.length > PAYLOAD_MOST_bytes) return undefined;
  const lamport_time = lamportTime.toString();
  return { id, event: { name: onOneLine(name), ...readable(payload), lamport_time, at } };
}

function readable(payload: Uint8Array): Pick<SerfUserEvent, 'payload' | 'encoding'> {
  try {
    return { payload: utf8.decode(payload), encoding: 'utf-8' };
  } catch {
    return { payload: Buffer.from(payload).toString('base64'), encoding: 'base64' };
  }
}
