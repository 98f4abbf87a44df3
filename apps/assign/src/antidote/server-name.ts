/** What a server's name says of it, where deploy/antidote/start.sh gave it. */
export interface ServerName {
  /** The monitor of its host. */
  readonly host: string;
  /** Servers of different generations must not be connected: they began anew at different times. */
  readonly generation: number;
}

/** Reads the name of a server's Erlang node, `antidote-g1-pi-1@127.0.0.1`; `undefined` when it was named by somebody else. */
export function serverName(node: string): ServerName | undefined {
  const match = /^antidote-g(\d{1,9})-([^@]+)@/.exec(node);
  return match?.[2] === undefined ? undefined : { host: match[2], generation: Number(match[1]) };
}
