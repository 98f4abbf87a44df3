import { membersIn, type Member } from './member.ts';
import { bytesIn, flagIn, largeIn, textIn, type Fields } from './wire/fields.ts';

const MEMBER_EVENTS = ['member-join', 'member-leave', 'member-failed', 'member-update', 'member-reap'] as const;

/** Members came, went in good order, were lost, changed their tags, or were struck off the list. */
export interface MemberEvent {
  readonly kind: (typeof MEMBER_EVENTS)[number];
  readonly members: readonly Member[];
}

/** Somebody sent an event to all members. */
export interface UserEvent {
  readonly kind: 'user';
  readonly name: string;
  readonly payload: Uint8Array;
  readonly coalesce: boolean;
  /** Orders events of one cluster, in which no two clocks agree. */
  readonly lamportTime: bigint;
}

/** Somebody asks; answer with `respond` before its time is up. */
export interface QueryEvent {
  readonly kind: 'query';
  /** For `respond`, by the client that was told of it, while its connection stands. */
  readonly id: bigint;
  readonly name: string;
  readonly payload: Uint8Array;
  readonly lamportTime: bigint;
}

export type SerfEvent = MemberEvent | UserEvent | QueryEvent;

/**
 * Reads a record of an event stream.
 *
 * @returns nothing for a kind that no agent has known so far.
 * @throws {ProtocolError} when it is of a known kind and not as such ones are.
 */
export function eventOf(fields: Fields): SerfEvent | undefined {
  const event = textIn(fields, 'Event', 'event');
  const kind = MEMBER_EVENTS.find((each) => each === event);
  if (kind !== undefined) return { kind, members: membersIn(fields, event) };
  if (event !== 'user' && event !== 'query') return undefined;
  const common = {
    name: textIn(fields, 'Name', event),
    payload: bytesIn(fields, 'Payload', event),
    lamportTime: largeIn(fields, 'LTime', event),
  };
  return event === 'user'
    ? { kind: event, ...common, coalesce: flagIn(fields, 'Coalesce', event) }
    : { kind: event, ...common, id: largeIn(fields, 'ID', event) };
}
