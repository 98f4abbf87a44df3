import { ipFamily, NetworkSet, type Network } from '@guaita/model';
import { canonicalAddress } from '@guaita/probing';
import ipaddr from 'ipaddr.js';

/**
 * Never probed, whatever the configuration says: one request to any of them makes many hosts answer, or stands for no
 * host. "This network" (RFC 791, RFC 6890), multicast (RFC 5771, RFC 4291 §2.7), limited broadcast (RFC 919), and the
 * unspecified address.
 */
export const NEVER_PROBED: readonly Network[] = [
  '0.0.0.0/8',
  '224.0.0.0/4',
  '255.255.255.255/32',
  'ff00::/8',
  '::/128',
];

export interface PermissionRules {
  readonly allowed: readonly Network[];
  readonly denied: readonly Network[];
  /** This host's own addresses with their prefix lengths, whose broadcast addresses are refused: `192.168.1.7/24`. */
  readonly own: readonly string[];
}

/** Which addresses may be probed. Names are judged by the addresses that they resolve to. */
export class Permission {
  readonly #allowed: NetworkSet;
  readonly #denied: NetworkSet;
  readonly #never = new NetworkSet(NEVER_PROBED);
  readonly #broadcasts: ReadonlySet<string>;

  constructor({ allowed, denied, own }: PermissionRules) {
    this.#allowed = new NetworkSet(allowed);
    this.#denied = new NetworkSet(denied);
    this.#broadcasts = new Set(own.flatMap(directedBroadcasts));
  }

  /** Why nothing is sent to this IP address, or `undefined` when it may be probed. */
  refusal(address: string): string | undefined {
    if (this.#never.has(address)) return `${address} is refused: it is a multicast, broadcast or unspecified address`;
    if (this.#broadcasts.has(canonicalAddress(address))) {
      return `${address} is refused: it is the broadcast address of a network of this host`;
    }
    if (this.#denied.has(address)) return `${address} is refused: it is in denied_networks`;
    if (!this.#allowed.has(address)) return `${address} is refused: it is not in allowed_networks`;
    return undefined;
  }
}

/** First and last address of an IPv4 network, both of which may be heard by all its hosts (RFC 1122 §3.2.1.3). */
function directedBroadcasts(cidr: string): string[] {
  const [host, bits] = cidr.split('/');
  // Networks of two or one address have no broadcast (RFC 3021); loopback reaches nobody else.
  if (host === undefined || ipFamily(host) !== 'ipv4' || !(Number(bits) < 31) || host.startsWith('127.')) return [];
  return [ipaddr.IPv4.networkAddressFromCIDR(cidr).toString(), ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString()];
}
