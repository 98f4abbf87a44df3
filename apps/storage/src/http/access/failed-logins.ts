/** A person who mistypes does not come near it; a token is not found at this pace before the sun goes out. */
const FAILURES_MOST = 10;
const PER_ms = 60_000;

/** Addresses that are remembered; beyond it the oldest is forgotten. An IPv6 host has more than anybody can remember. */
const ADDRESSES_MOST = 1_000;

/** Counts wrong tokens by address, so that nobody can keep this process busy with them, or fill its log. */
export class FailedLogins {
  readonly #now_ms: () => number;
  readonly #failures = new Map<string, { readonly since_ms: number; count: number }>();

  /** @param now_ms milliseconds that never go back. */
  constructor(now_ms: () => number) {
    this.#now_ms = now_ms;
  }

  /** Notes a wrong token. Gives the seconds until its sender may try again, 0 while it may. */
  note(address: string): number {
    const now_ms = this.#now_ms();
    const known = this.#failures.get(address);
    const failure = known !== undefined && now_ms - known.since_ms < PER_ms ? known : { since_ms: now_ms, count: 0 };
    failure.count += 1;
    // Put at the end: the first in the map is the one that was silent longest.
    this.#failures.delete(address);
    this.#failures.set(address, failure);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > ADDRESSES_MOST && oldest !== undefined) this.#failures.delete(oldest);
    return failure.count <= FAILURES_MOST ? 0 : Math.ceil((failure.since_ms + PER_ms - now_ms) / 1000);
  }
}
