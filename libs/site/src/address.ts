import { ipFamily } from '@guaita/model';
import ipaddr from 'ipaddr.js';

/** One way to write each IP address, so that two texts of one address are the same; IPv4 mapped into IPv6 is IPv4. */
export function canonicalAddress(address: string): string {
  return ipaddr.process(address).toString();
}

/** Why one host cannot have an address; `undefined` where it can. */
export function addressFault(address: string): string | undefined {
  if (ipFamily(address) === undefined || address.includes('%')) {
    return `${JSON.stringify(address)} is not an IP address; give the one under which the other hosts reach it`;
  }
  const range = ipaddr.process(address).range();
  if (range !== 'unspecified' && range !== 'multicast' && range !== 'broadcast') return undefined;
  return `${address} (${range}) is not the address of one host; give the one under which the other hosts reach it`;
}

/** An IP address with the length of its network's prefix, as interfaces have them. */
export interface AddressWithPrefix {
  readonly address: string;
  readonly prefix: number;
}

/** Reads `192.168.1.250/24`; `undefined` when it is no such thing. */
export function readAddressWithPrefix(text: string): AddressWithPrefix | undefined {
  const [address = '', bits = '', ...more] = text.split('/');
  if (more.length > 0 || !/^\d{1,3}$/.test(bits) || addressFault(address) !== undefined) return undefined;
  const ip = ipaddr.parse(address);
  const prefix = Number(bits);
  if (prefix < 1 || prefix > (ip.kind() === 'ipv4' ? 32 : 128)) return undefined;
  return { address: ip.toString(), prefix };
}

/** Tells whether an address is in the network of another one. */
export function isInNetworkOf({ address, prefix }: AddressWithPrefix, other: string): boolean {
  const [network, ip] = [ipaddr.parse(address), ipaddr.process(other)];
  return network.kind() === ip.kind() && ip.match(network, prefix);
}

/** Tells whether an IPv4 address stands for its whole network: the first (the network itself) or the last (broadcast). */
export function standsForNetwork({ address, prefix }: AddressWithPrefix): boolean {
  if (ipFamily(address) !== 'ipv4' || prefix > 30) return false;
  const cidr = `${address}/${prefix}`;
  const { IPv4 } = ipaddr;
  return [IPv4.networkAddressFromCIDR(cidr), IPv4.broadcastAddressFromCIDR(cidr)].some(
    (reserved) => reserved.toString() === address,
  );
}
