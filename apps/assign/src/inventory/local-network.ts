import type { Id } from '@guaita/model';

/** What this host knows of its own place in the network. Read at each load and passed in, so that reading is pure. */
export interface LocalNetwork {
  /** The monitor that found it: each finds something else, which bears the finder's id. */
  readonly monitor: Id;
  readonly hostName: string;
  /** This host's own addresses, most useful first. */
  readonly addresses: readonly string[];
  /** The default gateways: those of IPv4 before those of IPv6. */
  readonly gateways: readonly string[];
  /** The name servers asked, without stubs on this host itself. */
  readonly resolvers: readonly string[];
}
