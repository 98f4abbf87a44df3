import type { OutgoingMessage } from './bus.ts';
import { compileFilter, isWildcard } from './topic-filter.ts';

/**
 * How many cleared topics are remembered. A topic cleared matters only to a broker that comes back with an older copy
 * of it, which is of minutes ago; a monitor that releases devices faster than this is no monitor.
 */
const CLEARED_LIMIT = 10_000;

export interface Stated {
  readonly message: OutgoingMessage;
  readonly expires_ms: number | undefined;
}

/**
 * The newest state said on each topic, so that it can be said again to a broker that may have forgotten it. Bounded:
 * beyond the limit, state is said as ever, but not remembered.
 */
export class StatedTopics {
  readonly #limit: number;
  readonly #held = new Map<string, Stated>();
  readonly #cleared = new Map<string, OutgoingMessage>();

  /** @param limit how many topics with state it remembers. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Notes a message as it is published. Gives false when it is state for which there is no room left. */
  note(message: OutgoingMessage, now_ms: number): boolean {
    if (!message.retain) return true;
    const { topic, expiry_s } = message;
    // Also when it is a measurement: to say again that the topic is clear would take it away.
    if (message.payload !== '') this.#cleared.delete(topic);
    if (message.measurement === true) return true;
    if (message.payload === '') {
      this.#held.delete(topic);
      this.#cleared.delete(topic);
      this.#cleared.set(topic, message);
      const [oldest] = this.#cleared.keys();
      if (this.#cleared.size > CLEARED_LIMIT && oldest !== undefined) this.#cleared.delete(oldest);
      return true;
    }
    if (this.#held.size >= this.#limit && !this.#held.has(topic)) return false;
    this.#held.set(topic, { message, expires_ms: expiry_s === undefined ? undefined : now_ms + expiry_s * 1000 });
    return true;
  }

  /** The broker refuses these topics, or they are left to others: they are not said again. */
  forget(filter: string): void {
    for (const topics of [this.#held, this.#cleared])
      for (const topic of matching(filter, topics)) topics.delete(topic);
  }

  /** Everything to say again, lazily: what is noted meanwhile is given as it then is. */
  *again(now_ms: () => number): Generator<Stated, undefined> {
    for (const message of this.#cleared.values()) yield { message, expires_ms: undefined };
    for (const [topic, stated] of this.#held) {
      if (stated.expires_ms !== undefined && stated.expires_ms <= now_ms()) this.#held.delete(topic);
      else yield stated;
    }
    return undefined;
  }
}

function matching(filter: string, topics: ReadonlyMap<string, unknown>): string[] {
  return isWildcard(filter) ? [...topics.keys()].filter(compileFilter(filter)) : [filter];
}
