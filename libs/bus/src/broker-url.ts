/** A broker's address for logs and errors: user and password, if any, are not shown. */
export function withoutCredentials(url: string): string {
  // Not by the URL parser alone: an address that it refuses may hold a password too.
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1');
}

/** What a broker’s address says. */
export interface BrokerAddress {
  /** `mqtt`, `mqtts`, `ws` or `wss`. */
  readonly protocol: string;
  readonly host: string;
  /** Default: that of the protocol. */
  readonly port?: number;
  /** Of a WebSocket. */
  readonly path: string;
  readonly username?: string;
  readonly password?: string;
}

/** Reads a broker’s address. @throws {TypeError} when it is none; its message may show the password. */
export function readBrokerUrl(url: string): BrokerAddress {
  const { protocol, hostname, port, pathname, search, username, password } = new URL(url);
  if (hostname === '') throw new TypeError('it names no host');
  return {
    protocol: protocol.slice(0, -1),
    // An IPv6 address stands in brackets.
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    path: `${pathname}${search}`,
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}
