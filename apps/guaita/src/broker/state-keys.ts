// The keys of the broker's state file: `[kind, name, …]` as JSON, since topics and client ids may hold anything.

/** Of a retained message. */
export function retainedKey(topic: string): string {
  return JSON.stringify(['retained', topic]);
}

/** Of a kept session, without its queue. */
export function sessionKey(clientId: string): string {
  return JSON.stringify(['session', clientId]);
}

/** Of one message in the queue of a session. */
export function queuedKey(clientId: string, message: string): string {
  return JSON.stringify(['queued', clientId, message]);
}

/** Of the will of a client that is connected. */
export function willKey(clientId: string): string {
  return JSON.stringify(['will', clientId]);
}
