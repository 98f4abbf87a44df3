import { isIP } from 'node:net';

/**
 * Tells whether a request comes from our own page, or from a program, which says no origin. Browsers say it with all
 * that changes something and with each WebSocket handshake (Fetch §3.1), and no page can make one up.
 *
 * @param host the request's `Host`, which is one of ours.
 * @param isByTls the page that TLS brings here has come by TLS itself: one of the same name that has not is whoever stands
 *   on the way. Where TLS ends before us, our own page says `https:`, and one that came in the clear says `http:`.
 * @param names the configured ones: the page may be one that a proxy in front shows under such a name.
 */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
  names: readonly string[],
  isByTls = false,
): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (url.protocol !== 'https:' && (isByTls || url.protocol !== 'http:')) return false;
  if (url.host === host?.toLowerCase()) return true;
  // Another port of a host is another program; only a name may stand for a proxy, at the port that needs no saying.
  const known = names.some((name) => name.toLowerCase() === url.hostname && isIP(name) === 0);
  return known && url.port === '';
}
