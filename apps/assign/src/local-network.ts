import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { ipFamily, type Id } from '@guaita/model';
import type { LocalNetwork } from './inventory/index.ts';

/** Route flags of `linux/route.h`. */
const RTF_UP = 1;
const RTF_GATEWAY = 2;

/** What the local network is read from; other systems than Linux lack most of it. */
export interface SystemFiles {
  /** The text of a file, or `undefined` when there is none. */
  read(path: string): string | undefined;
}

const systemFiles: SystemFiles = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // Not there, or not ours to read: then nothing is known from it.
      return undefined;
    }
  },
};

/** The interface addresses of this host as `os.networkInterfaces` gives them. */
export type Interfaces = ReturnType<typeof networkInterfaces>;

/** Finds this host, its gateways and its resolvers, anew at each call: addresses come and go. */
export function readLocalNetwork(
  monitor: Id,
  files: SystemFiles = systemFiles,
  interfaces: Interfaces = networkInterfaces(),
  hostName: string = hostname(),
): LocalNetwork {
  return {
    monitor,
    hostName,
    addresses: ownAddresses(interfaces),
    gateways: [
      ...ipv4Gateways(files.read('/proc/net/route') ?? ''),
      ...ipv6Gateways(files.read('/proc/net/ipv6_route') ?? ''),
    ],
    resolvers: resolvers(files),
  };
}

/** IPv4 first, then IPv6 that is not link-local; a host without any is reached by its loopback at least. */
function ownAddresses(interfaces: Interfaces): string[] {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  const outer = all.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address));
  const ofFamily = (family: string): string[] =>
    outer.filter((address) => address.family === family).map(({ address }) => address);
  const found = [...ofFamily('IPv4'), ...ofFamily('IPv6')];
  return found.length > 0
    ? [...new Set(found)]
    : all.some(({ address }) => address === '127.0.0.1')
      ? ['127.0.0.1']
      : [];
}

/** The gateways of the default routes in `/proc/net/route` (proc(5)), whose numbers are little-endian hexadecimal. */
export function ipv4Gateways(text: string): string[] {
  const gateways = new Set<string>();
  for (const line of text.split('\n').slice(1)) {
    const [, destination, gateway = '', flags = '', , , , mask] = line.trim().split(/\s+/);
    if (destination !== '00000000' || mask !== '00000000' || !goesThroughGateway(flags)) continue;
    if (/^[\dA-F]{8}$/i.test(gateway)) gateways.add([...Buffer.from(gateway, 'hex').reverse()].join('.'));
  }
  return [...gateways];
}

/** The gateways of the default routes in `/proc/net/ipv6_route`; a link-local one bears its interface. */
export function ipv6Gateways(text: string): string[] {
  const gateways = new Set<string>();
  for (const line of text.split('\n')) {
    const [destination = '', length, , , gateway = '', , , , flags = '', device = ''] = line.trim().split(/\s+/);
    if (!/^0{32}$/.test(destination) || length !== '00' || !goesThroughGateway(flags)) continue;
    if (!/^[\da-f]{32}$/i.test(gateway)) continue;
    const address = shortIpv6(gateway);
    gateways.add(/^fe[89ab]/i.test(gateway) ? `${address}%${device}` : address);
  }
  return [...gateways];
}

function goesThroughGateway(flags: string): boolean {
  const bits = parseInt(flags, 16);
  return (bits & RTF_UP) !== 0 && (bits & RTF_GATEWAY) !== 0;
}

/** As RFC 5952 writes it; the URL parser knows how. */
function shortIpv6(hex: string): string {
  const groups = hex.match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

/**
 * The name servers of `/etc/resolv.conf`. Where that names only a stub on this host (systemd-resolved's 127.0.0.53), those
 * that the stub asks, as far as systemd-resolved tells.
 */
function resolvers(files: SystemFiles): string[] {
  const asked = nameServers(files.read('/etc/resolv.conf') ?? '');
  const beyond = asked.filter((address) => !isLoopback(address));
  if (beyond.length > 0 || asked.length === 0) return beyond;
  return nameServers(files.read('/run/systemd/resolve/resolv.conf') ?? '').filter((address) => !isLoopback(address));
}

/** The addresses in the text of a `resolv.conf` (resolv.conf(5)). */
export function nameServers(text: string): string[] {
  const addresses = text.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
  return [...new Set(addresses)].filter((address) => ipFamily(address) !== undefined);
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
