import { lookup } from 'node:dns/promises';

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The port that AntidoteDB listens on unless told otherwise. */
export const DEFAULT_PORT = 8087;

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
    throw new TypeError(`"${given}" is not the address of a server: write it as host:port, such as 127.0.0.1:8087`);
  }
  return { host, port };
}

export function showAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * The addresses, and for a host name that stands for several hosts each of theirs. A name that cannot be resolved now is left
 * out, unless none can.
 */
export async function allOf(addresses: readonly Address[]): Promise<Address[]> {
  const found = await Promise.allSettled(addresses.map(({ host }) => lookup(host, { all: true })));
  const all = found.flatMap((result, index) => {
    const port = addresses[index]?.port ?? DEFAULT_PORT;
    return result.status === 'fulfilled' ? result.value.map(({ address }) => ({ host: address, port })) : [];
  });
  const failure = found.find((result) => result.status === 'rejected');
  if (all.length === 0 && failure !== undefined) throw failure.reason;
  return [...new Map(all.map((address) => [showAddress(address), address])).values()];
}
