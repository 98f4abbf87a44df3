import ipaddr from 'ipaddr.js';
import { z } from 'zod';

export type IpFamily = 'ipv4' | 'ipv6';

/** One label of a host name: RFC 1123 §2.1, with `_` as seen in home networks. */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;
/** An IPv6 zone (RFC 4007 §11.2), as in `fe80::1%eth0`. */
const ZONE = /%[a-z0-9._-]{1,15}$/i;

/** `ipv4` or `ipv6` when `text` is an IP address (IPv4 as four decimal numbers only), else `undefined`. */
export function ipFamily(text: string): IpFamily | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return 'ipv4';
  if (!text.includes(':')) return undefined;
  return ipaddr.IPv6.isValid(text.replace(ZONE, '')) ? 'ipv6' : undefined;
}

/** Tells whether `text` is a host name. A name whose last label is a number is none: it is a mistyped address. */
export function isHostName(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  const last = labels.at(-1) ?? '';
  return text.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^(\d+|0x[0-9a-f]*)$/i.test(last);
}

/** Schema of an address: IPv4, IPv6 (with or without a zone) or a host name. */
export const Address = z.string().refine((text) => ipFamily(text) !== undefined || isHostName(text), {
  error: (issue) => `${JSON.stringify(issue.input)} is not an IP address or host name`,
});
export type Address = z.infer<typeof Address>;

type Cidr = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a single address; `undefined` when it is neither. */
function parseNetwork(text: string): Cidr | undefined {
  if (text.includes('/')) {
    const bits = text.slice(text.indexOf('/') + 1);
    const host = text.slice(0, text.indexOf('/'));
    if (ipFamily(host) === undefined || !/^\d{1,3}$/.test(bits)) return undefined;
    return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
  }
  if (ipFamily(text) === undefined) return undefined;
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** Schema of a network: an address with a prefix length, or one address. */
export const Network = z.string().refine((text) => parseNetwork(text) !== undefined, {
  error: (issue) => `${JSON.stringify(issue.input)} is not a network like "10.0.0.0/8" or "2001:db8::/32"`,
});
export type Network = z.infer<typeof Network>;

/**
 * A set of networks to test addresses against. IPv4 addresses mapped into IPv6 (`::ffff:10.0.0.1`) count as the IPv4
 * address that they reach, so that a mapped form cannot slip past a rule.
 */
export class NetworkSet {
  readonly #networks: readonly Cidr[];

  /** @throws {RangeError} when a text is not a network. */
  constructor(networks: Iterable<Network>) {
    this.#networks = [...networks].map((text) => {
      const network = parseNetwork(text);
      if (network === undefined) throw new RangeError(`${JSON.stringify(text)} is not a network`);
      return network;
    });
  }

  /** Tells whether the IP address is in one of the networks. A text that is no IP address is in none. */
  has(address: string): boolean {
    if (ipFamily(address) === undefined) return false;
    const ip = ipaddr.process(address.replace(ZONE, ''));
    return this.#networks.some(([network, bits]) => ip.kind() === network.kind() && ip.match(network, bits));
  }
}
