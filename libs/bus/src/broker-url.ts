/** A broker's address for logs and errors: user and password, if any, are not shown. */
export function withoutCredentials(url: string): string {
  // Not by the URL parser alone: an address that it refuses may hold a password too.
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1');
}

/** How a broker is spoken to: in the clear, by TLS, by WebSocket, or through a Unix socket of this host. */
const PROTOCOLS = ['mqtt', 'mqtts', 'ws', 'wss', 'mqtt+unix'] as const;
export type BrokerProtocol = (typeof PROTOCOLS)[number];

/** What a broker’s address says. */
export interface BrokerAddress {
  readonly protocol: BrokerProtocol;
  /** Empty for a Unix socket. */
  readonly host: string;
  /** Default: that of the protocol. */
  readonly port?: number;
  /** Of a WebSocket, or of a Unix socket's file. */
  readonly path: string;
  readonly username?: string;
  readonly password?: string;
}

/** Reads a broker’s address. @throws {TypeError} when it is none; its message may show the password. */
export function readBrokerUrl(url: string): BrokerAddress {
  const { protocol: named, hostname, port, pathname, search, username, password } = new URL(url);
  const protocol = PROTOCOLS.find((each) => `${each}:` === named);
  if (protocol === undefined) throw new TypeError('it names no protocol that brokers speak');
  if (protocol === 'mqtt+unix') {
    // Two slashes instead of three make a host of the first folder.
    if (hostname !== '' || pathname.length < 2) throw new TypeError('it names no file');
    return { protocol, host: '', path: decodeURIComponent(pathname) };
  }
  if (hostname === '') throw new TypeError('it names no host');
  return {
    protocol,
    // An IPv6 address stands in brackets.
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    path: `${pathname}${search}`,
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}
