import type { IncomingMessage, MessageHandler } from './bus.ts';
import { Copies } from './copies.ts';
import { compileFilter } from './topic-filter.ts';

/** A message as it came off a connection. */
export interface Delivery {
  readonly message: IncomingMessage;
  /** The identifiers of the subscriptions on account of which the broker sent it; empty when it does not say. */
  readonly identifiers: readonly number[];
}

/** One `subscribe` call. */
export interface Registration {
  readonly handler: MessageHandler;
}

/** What is asked of the broker with a filter. */
export interface Asked {
  readonly qos: 0 | 1;
  readonly retained: 'always' | 'if-new';
}

/** One filter at the broker, and who shares it. */
export interface Subscription {
  readonly filter: string;
  /** The most that any of them asks for. */
  readonly asked: Asked;
  readonly registrations: ReadonlySet<Registration>;
}

/** Retained messages may still be on their way to a handler that has gone; nobody else gets them in its place. */
const ABANDONED_LIMIT = 100;

interface Held extends Subscription {
  asked: Asked;
  readonly matches: (topic: string) => boolean;
  readonly registrations: Set<Registration>;
}

/**
 * Which handler gets which message. Pure.
 *
 * Each SUBSCRIBE bears an identifier of its own, also when a filter is subscribed again for a second handler: the
 * broker then sends the retained messages once more, and the identifier tells that they are for the second one alone.
 */
export class Subscriptions {
  readonly #held = new Map<string, Held>();
  readonly #copies = new Copies();
  /** For each SUBSCRIBE of this connection: who waits for its retained messages. */
  readonly #waiting = new Map<number, Set<Registration>>();
  #identifier = 0;

  /** Every filter now subscribed. */
  all(): Iterable<Subscription> {
    return this.#held.values();
  }

  add(filter: string, asked: Asked, registration: Registration): Subscription {
    this.#copies.reset();
    let held = this.#held.get(filter);
    if (held === undefined) {
      held = { filter, asked, matches: compileFilter(filter), registrations: new Set() };
      this.#held.set(filter, held);
    }
    const always = held.asked.retained === 'always' || asked.retained === 'always';
    held.asked = { qos: asked.qos === 1 ? 1 : held.asked.qos, retained: always ? 'always' : 'if-new' };
    held.registrations.add(registration);
    return held;
  }

  /** Takes a registration out. Gives true when its filter has no other, so that it can be unsubscribed. */
  remove(filter: string, registration: Registration): boolean {
    const held = this.#held.get(filter);
    if (held?.registrations.delete(registration) !== true) return false;
    this.#copies.reset();
    this.#forget(registration);
    return held.registrations.size === 0 && this.#held.delete(filter);
  }

  /** A new connection: identifiers of the old one are void. */
  reset(): void {
    this.#waiting.clear();
    this.#copies.reset();
  }

  /** The identifier for a SUBSCRIBE whose retained messages are for these registrations. */
  identify(registrations: Iterable<Registration>): number {
    this.#identifier += 1;
    this.#waiting.set(this.#identifier, new Set(registrations));
    return this.#identifier;
  }

  /** Who gets a message, each at most once. */
  route({ message, identifiers }: Delivery): MessageHandler[] {
    const matching = [...this.#held.values()].filter(({ matches }) => matches(message.topic));
    const registrations = new Set(matching.flatMap((held) => [...held.registrations]));
    const waiting = identifiers.map((identifier) => this.#waiting.get(identifier));
    if (message.retain && waiting.length > 0 && waiting.every((some) => some !== undefined)) {
      const due = waiting.flatMap((some) => [...some]);
      const wanting = [...registrations].filter((registration) => due.includes(registration));
      // Where those who wait do not match the topic, the broker has kept the message for an earlier process of ours,
      // which gave the same identifier to another filter.
      if (wanting.length > 0 || due.length === 0) return wanting.map(({ handler }) => handler);
    }
    if (matching.length > 1 && this.#copies.isCopy(message.topic, message.payload, identifiers, matching.length)) {
      return [];
    }
    return [...registrations].map(({ handler }) => handler);
  }

  /** Nobody waits for what comes to identifiers whose registrations are gone; they are still known for a while. */
  #forget(registration: Registration): void {
    const abandoned: number[] = [];
    for (const [identifier, registrations] of this.#waiting) {
      registrations.delete(registration);
      if (registrations.size === 0) abandoned.push(identifier);
    }
    for (const identifier of abandoned.slice(0, -ABANDONED_LIMIT)) this.#waiting.delete(identifier);
  }
}
