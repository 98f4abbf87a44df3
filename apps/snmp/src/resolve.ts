import { ipFamily } from '@guaita/model';
import ipaddr from 'ipaddr.js';

/** Asks the system for a name's addresses, in the order in which they should be tried. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** Long enough not to ask for every poll, short enough to follow a device that moves. */
const KEEP_MS = 5 * 60_000;

interface Entry {
  readonly addresses: readonly string[];
  readonly asked_ms: number;
}

/** Resolves names, and remembers. While the resolver fails, what it said last is still the best guess. */
export class Resolver {
  readonly #lookup: Lookup;
  readonly #monotonic_ms: () => number;
  readonly #known = new Map<string, Entry>();

  constructor(lookup: Lookup, monotonic_ms: () => number) {
    this.#lookup = lookup;
    this.#monotonic_ms = monotonic_ms;
  }

  /** The IP addresses behind an address, as the kernel writes them; empty when a name has none or cannot be resolved. */
  async addressesOf(address: string): Promise<readonly string[]> {
    if (ipFamily(address) !== undefined) return [canonicalAddress(address)];
    const known = this.#known.get(address);
    const now_ms = this.#monotonic_ms();
    if (known !== undefined && now_ms - known.asked_ms < KEEP_MS) return known.addresses;
    try {
      const found = await this.#lookup(address);
      const addresses = found.filter((text) => ipFamily(text) !== undefined).map(canonicalAddress);
      this.#known.set(address, { addresses, asked_ms: now_ms });
      return addresses;
    } catch {
      // A resolver says "no such name" and "no answer" alike by throwing; neither makes the device another one.
      return known?.addresses ?? [];
    }
  }

  /** Forgets a name that nobody needs any more. */
  forget(address: string): void {
    this.#known.delete(address);
  }
}

/** An address as the kernel writes it in what it receives: IPv4 behind its IPv6 form as IPv4, zeros taken out. */
function canonicalAddress(address: string): string {
  const [host = '', zone] = address.split('%');
  const canonical = ipaddr.process(host).toString();
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}
