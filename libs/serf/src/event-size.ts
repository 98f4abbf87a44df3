/** What a user event may take, unless agents are told otherwise (`UserEventSizeLimit` of Serf's config.go). */
export const EVENT_LIMIT_bytes = 512;

/** The largest time that a cluster can have come to. */
const LAST_TIME = 2 ** 64;

/**
 * How many bytes of payload an agent takes beside a name, whatever time the cluster has come to. An agent looks at name and
 * payload together, and again at all that it then gossips, of which these are a part.
 *
 * @param limit_bytes what agents are told (`user_event_size_limit`).
 * @returns 0 or less where there is no room beside the name.
 */
export function eventRoom_bytes(name: string, limit_bytes: number = EVENT_LIMIT_bytes): number {
  const around_bytes = gossipedEvent_bytes(name, limit_bytes, LAST_TIME) - limit_bytes;
  return limit_bytes - around_bytes;
}

/**
 * What an event takes as agents gossip it: a byte for its kind, and a map in MessagePack as Serf writes it, in the older form
 * that has no short header for texts of 32 to 255 bytes (`messageUserEvent` of Serf's messages.go).
 *
 * @param time of the cluster, which counts its events.
 */
export function gossipedEvent_bytes(name: string, payload_bytes: number, time: number): number {
  const name_bytes = new TextEncoder().encode(name).length;
  const fields_bytes = text_bytes('LTime'.length) + text_bytes('Name'.length) + text_bytes('Payload'.length);
  const coalesce_bytes = text_bytes('CC'.length) + 1;
  return 2 + fields_bytes + coalesce_bytes + integer_bytes(time) + text_bytes(name_bytes) + text_bytes(payload_bytes);
}

function text_bytes(length: number): number {
  return length + (length < 32 ? 1 : length < 65_536 ? 3 : 5);
}

function integer_bytes(value: number): number {
  return value < 128 ? 1 : value < 256 ? 2 : value < 65_536 ? 3 : value < 2 ** 32 ? 5 : 9;
}
