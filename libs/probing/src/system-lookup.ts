import { lookup } from 'node:dns/promises';
import type { Lookup } from './name-cache.ts';

/**
 * Asks the system's resolver (getaddrinfo), which knows /etc/hosts, mDNS and search domains as well as DNS. Addresses
 * stay in its order of preference (RFC 6724).
 */
export const systemLookup: Lookup = async (name, family) => {
  const found = await lookup(name, {
    all: true,
    order: 'verbatim',
    family: family === 'any' ? 0 : family === 'ipv4' ? 4 : 6,
  });
  return found.map(({ address }) => address);
};
