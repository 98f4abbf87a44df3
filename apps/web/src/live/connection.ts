/** How the page stands with the broker. */
export type Connection =
  | { readonly phase: 'connecting'; readonly since_ms: number }
  | { readonly phase: 'live'; readonly since_ms: number }
  /** What is shown is what was known then. */
  | { readonly phase: 'lost'; readonly since_ms: number; readonly why: string };

export type ConnectionEvent = { readonly what: 'open' } | { readonly what: 'closed'; readonly why: string };

/** The next state: what was never live is not lost, and a failed attempt to come back does not make the loss younger. */
export function nextConnection(connection: Connection, event: ConnectionEvent, now_ms: number): Connection {
  if (event.what === 'open') return { phase: 'live', since_ms: now_ms };
  if (connection.phase === 'connecting') return connection;
  if (connection.phase === 'lost') return { ...connection, why: event.why };
  return { phase: 'lost', since_ms: now_ms, why: event.why };
}
