import { ipFamily, type IpFamily } from '@guaita/model';
import type { Clock } from '@guaita/service';
import { canonicalAddress } from './canonical-address.ts';

/** Which addresses of a name are wanted. */
export type Family = 'any' | IpFamily;

/** Asks for all addresses of a name, of one family or both; rejects when there are none or nobody can tell. */
export type Lookup = (name: string, family: Family) => Promise<readonly string[]>;

/** What is known of a name at this moment. */
export type Resolved =
  /** At least one, the best first, each in its canonical form. */
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  /** The first answer is still awaited. */
  | { readonly kind: 'pending' }
  /** It has never resolved; the reason is the resolver's newest. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface ResolvePolicy {
  /** getaddrinfo tells no TTL; five minutes are a usual one, and a device that moves is followed that fast. */
  readonly ttl_s: number;
  /** After a failure the name is asked for again this much later, and no sooner. */
  readonly negative_ttl_s: number;
  /** A lookup that takes longer has failed; its answer is still taken when it comes. glibc gives up after 10 s. */
  readonly timeout_s: number;
  /** Lookups at a time: getaddrinfo holds one of Node's four threads, and file access needs some too. */
  readonly parallel: number;
}

export const DEFAULT_RESOLVE_POLICY: ResolvePolicy = { ttl_s: 300, negative_ttl_s: 30, timeout_s: 10, parallel: 2 };

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly family: Family;
  addresses: readonly string[] | undefined;
  reason: string | undefined;
  freshUntil_ms: number;
  asking: boolean;
  readonly waiting: Set<() => void>;
}

/**
 * Host names with a memory: the last good addresses of a name stay in use for as long as the resolver fails. Nothing
 * here waits: a caller gets what is known now, and may be told when the first answer has come.
 */
export class NameCache {
  readonly #lookup: Lookup;
  readonly #clock: Clock;
  readonly #policy: ResolvePolicy;
  readonly #entries = new Map<string, Entry>();
  readonly #queue: Entry[] = [];
  #running = 0;

  constructor(lookup: Lookup, clock: Clock, policy: ResolvePolicy = DEFAULT_RESOLVE_POLICY) {
    this.#lookup = lookup;
    this.#clock = clock;
    this.#policy = policy;
  }

  /** How many names are remembered, each once for each family that it was asked for in. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * What is known of a name, or of an address. Asks anew in the background when that is old.
   *
   * @param onSettled called once the first lookup has ended, well or not; only where the answer is `pending`.
   */
  resolve(name: string, family: Family, onSettled?: () => void): Resolved {
    const literal = ipFamily(name);
    if (literal !== undefined) {
      if (family === 'any' || family === literal) return { kind: 'addresses', addresses: [canonicalAddress(name)] };
      return { kind: 'failed', reason: `${name} is no ${family} address` };
    }
    const key = `${family} ${name}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = {
        key,
        name,
        family,
        addresses: undefined,
        reason: undefined,
        freshUntil_ms: -Infinity,
        asking: false,
        waiting: new Set(),
      };
      this.#entries.set(key, entry);
    }
    if (!entry.asking && this.#clock.monotonic_ms() >= entry.freshUntil_ms) {
      entry.asking = true;
      this.#queue.push(entry);
      this.#run();
    }
    if (entry.addresses !== undefined) return { kind: 'addresses', addresses: entry.addresses };
    if (entry.reason !== undefined) return { kind: 'failed', reason: entry.reason };
    if (onSettled !== undefined) entry.waiting.add(onSettled);
    return { kind: 'pending' };
  }

  /** Forgets all names but those that are still needed. */
  keepOnly(needed: ReadonlySet<string>): void {
    for (const [key, { name }] of this.#entries) if (!needed.has(name)) this.#entries.delete(key);
  }

  #run(): void {
    while (this.#running < this.#policy.parallel) {
      const entry = this.#queue.shift();
      if (entry === undefined) return;
      if (this.#entries.get(entry.key) !== entry) continue;
      this.#running += 1;
      void this.#ask(entry);
    }
  }

  async #ask(entry: Entry): Promise<void> {
    const { timeout_s } = this.#policy;
    const timer = this.#clock.after(timeout_s * 1000, () => {
      this.#fail(entry, `${entry.name} did not resolve within ${timeout_s} s`);
    });
    try {
      const found = await this.#lookup(entry.name, entry.family);
      const addresses = [...new Set(found.filter((text) => ipFamily(text) !== undefined).map(canonicalAddress))];
      if (addresses.length === 0) this.#fail(entry, `${entry.name} has no ${entry.family} address`);
      else this.#succeed(entry, addresses);
    } catch (error) {
      this.#fail(entry, `${entry.name} does not resolve: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      timer.cancel();
      entry.asking = false;
      this.#running -= 1;
      this.#run();
    }
  }

  #succeed(entry: Entry, addresses: readonly string[]): void {
    entry.addresses = addresses;
    entry.reason = undefined;
    this.#settle(entry, this.#policy.ttl_s);
  }

  #fail(entry: Entry, reason: string): void {
    entry.reason = reason;
    this.#settle(entry, this.#policy.negative_ttl_s);
  }

  #settle(entry: Entry, freshFor_s: number): void {
    entry.freshUntil_ms = this.#clock.monotonic_ms() + freshFor_s * 1000;
    const waiting = [...entry.waiting];
    entry.waiting.clear();
    for (const tell of waiting) tell();
  }
}
