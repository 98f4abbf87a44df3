import { compileFilter } from '@guaita/bus';
import { keep, lasts, type Packet } from './stored-packet.ts';
import { retainedKey } from './state-keys.ts';

/** The retained message of each topic. */
export class RetainedMessages {
  readonly #packets = new Map<string, Packet>();
  readonly #touch: (key: string) => void;

  /** @param touch told the key of what is to be written to disk. */
  constructor(touch: (key: string) => void) {
    this.#touch = touch;
  }

  /** Takes a message; an empty one takes the topic's away. */
  store(packet: Packet): void {
    const known = this.#packets.get(packet.topic);
    if (packet.payload.length === 0) this.#packets.delete(packet.topic);
    else this.#packets.set(packet.topic, keep(packet));
    if (lasts(packet) || (known !== undefined && lasts(known))) this.#touch(retainedKey(packet.topic));
  }

  /** Puts back what was kept. */
  restore(packet: Packet): void {
    this.#packets.set(packet.topic, packet);
  }

  /** The message that is retained on a topic. */
  get(topic: string): Packet | undefined {
    return this.#packets.get(topic);
  }

  /** All that is retained, what expires soon too. */
  all(): Iterable<Packet> {
    return this.#packets.values();
  }

  /**
   * The messages of topics that match now, each as it stands when it is asked for: a subscriber that takes them slowly
   * must not be given an old one after a newer one that it was sent meanwhile.
   */
  *under(filters: readonly string[]): IterableIterator<Packet> {
    for (const topic of filters.flatMap((filter) => this.#topicsUnder(filter))) {
      const packet = this.#packets.get(topic);
      if (packet !== undefined) yield packet;
    }
  }

  #topicsUnder(filter: string): string[] {
    if (!/[+#]/.test(filter)) return [filter];
    const matches = compileFilter(filter);
    return [...this.#packets.keys()].filter(matches);
  }

  /** Forgets what has expired. */
  expire(now_ms: number): void {
    for (const packet of this.#packets.values()) {
      if ((packet.messageExpiry ?? Infinity) <= now_ms) this.store({ ...packet, payload: Buffer.alloc(0) });
    }
  }
}
