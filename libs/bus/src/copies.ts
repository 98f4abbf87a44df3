/** How many topics with copies outstanding are remembered: copies follow one another closely, so few are ever open. */
const OPEN_LIMIT = 1_000;

interface Open {
  readonly payload: Uint8Array;
  readonly seen: Set<number>;
  /** How many subscriptions match the topic. */
  readonly matching: number;
}

/**
 * Tells the copies of one message from messages.
 *
 * A message that matches several subscriptions of one client comes once from some brokers and once for each
 * subscription from others; MQTT 5 §3.3.4 allows both. Aedes 2 sends one copy, with the identifier of one of the
 * subscriptions (https://github.com/moscajs/aedes/issues/1090; always the same one, while the subscriptions stay); Mosquitto sends a copy for each, every one with
 * its own subscription's identifier, one after the other. So the bus gives the first copy to every handler that it
 * matches, and this class recognises the rest: same topic, same payload, and an identifier that has not come since
 * the first. An identifier that comes again opens a new message, whatever the payload.
 */
export class Copies {
  readonly #open = new Map<string, Open>();

  /**
   * @param identifiers the subscription identifiers that came with the message; without any it is never a copy.
   * @param matching how many subscriptions of this client match the topic.
   */
  isCopy(topic: string, payload: Uint8Array, identifiers: readonly number[], matching: number): boolean {
    const open = this.#open.get(topic);
    const fresh = identifiers.every((identifier) => open?.seen.has(identifier) !== true);
    if (open !== undefined && identifiers.length > 0 && fresh && Buffer.compare(open.payload, payload) === 0) {
      for (const identifier of identifiers) open.seen.add(identifier);
      if (open.seen.size >= open.matching) this.#open.delete(topic);
      return true;
    }
    this.#open.delete(topic);
    if (identifiers.length > 0 && identifiers.length < matching) {
      const [oldest] = this.#open.keys();
      if (this.#open.size >= OPEN_LIMIT && oldest !== undefined) this.#open.delete(oldest);
      this.#open.set(topic, { payload, seen: new Set(identifiers), matching });
    }
    return false;
  }

  /** The subscriptions changed: which identifier a single copy bears may have changed too. */
  reset(): void {
    this.#open.clear();
  }
}
