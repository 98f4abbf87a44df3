import { isIP } from 'node:net';

/**
 * Tells whether a request's `Host` header may be served. A page on the web that makes its own name point at this host
 * (DNS rebinding) sends that name, so only IP addresses, `localhost` and the names configured are served.
 */
export function isAllowedHost(header: string | undefined, names: readonly string[]): boolean {
  // HTTP/1.0 needs none; a browser always sends one.
  if (header === undefined) return true;
  const name = /^\[([^\]]+)\](:\d+)?$/.exec(header)?.[1] ?? header.replace(/:\d+$/, '');
  const known = ['localhost', ...names].map((text) => text.toLowerCase());
  return isIP(name) !== 0 || known.includes(name.toLowerCase().replace(/\.$/, ''));
}
