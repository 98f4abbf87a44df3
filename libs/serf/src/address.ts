/** Where an agent’s RPC listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The port of an agent’s RPC unless it was told otherwise (`-rpc-addr`). */
const DEFAULT_PORT = 7373;

/**
 * Reads `host:port`, `host`, `[2001:db8::1]:port` or `[2001:db8::1]`.
 *
 * @throws {TypeError} when it is none of them; the message names what was given.
 */
export function parseAddress(given: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/.exec(given.trim());
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new TypeError(`"${given}" is not the address of an agent: write it as host:port, such as 127.0.0.1:7373`);
  }
  return { host, port };
}

/** Tells whether `parseAddress` reads it. */
export function isAddress(given: string): boolean {
  try {
    parseAddress(given);
    return true;
  } catch {
    // The message says what this says by `false`.
    return false;
  }
}

export function showAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
