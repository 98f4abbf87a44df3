/** The keys of the broker's state file: `[kind, name, …]` as JSON, since topics and client ids may hold anything. */
export function retainedKey(topic: string): string {
  return JSON.stringify(['retained', topic]);
}

export function sessionKey(clientId: string): string {
  return JSON.stringify(['session', clientId]);
}

export function queuedKey(clientId: string, message: string): string {
  return JSON.stringify(['queued', clientId, message]);
}

export function willKey(clientId: string): string {
  return JSON.stringify(['will', clientId]);
}
