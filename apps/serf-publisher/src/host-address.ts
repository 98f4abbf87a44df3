import { createSocket } from 'node:dgram';

/** Addresses of nobody, for documentation (RFC 5737, RFC 3849): they are reached by the default route. */
const ELSEWHERE = [
  ['udp4', '192.0.2.1'],
  ['udp6', '2001:db8::1'],
] as const;

/** Any port: nothing is sent. */
const PORT = 9;

/**
 * The address by which this host reaches others, IPv4 first. The kernel is asked which it would take; no packet is sent.
 *
 * @returns `undefined` where there is no way to others.
 */
export async function hostAddress(): Promise<string | undefined> {
  for (const [type, target] of ELSEWHERE) {
    const address = await sourceAddress(type, target);
    if (address !== undefined) return address;
  }
  return undefined;
}

function sourceAddress(type: 'udp4' | 'udp6', target: string): Promise<string | undefined> {
  const socket = createSocket(type);
  return new Promise<string | undefined>((resolve) => {
    socket.once('error', () => resolve(undefined));
    // No callback: that is called at an error as well, and the address is 0.0.0.0 then.
    socket.once('connect', () => resolve(socket.address().address));
    socket.connect(PORT, target);
  }).finally(() => socket.close());
}
