import { ipFamily } from '@guaita/model';
import ipaddr from 'ipaddr.js';

/**
 * An IP address as the kernel writes it in what it receives: IPv6 in its short form (RFC 5952), and IPv4 mapped into
 * IPv6 (`::ffff:10.0.0.1`) as the IPv4 address that is really reached. A text that is no IP address stays as it is.
 */
export function canonicalAddress(address: string): string {
  // Four decimal numbers have one way to be written only.
  if (ipFamily(address) !== 'ipv6') return address;
  const [host = '', zone] = address.split('%');
  const canonical = ipaddr.process(host).toString();
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}
