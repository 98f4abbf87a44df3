import { compileFilter } from '@guaita/bus';
import { z } from 'zod';
import type { Packet } from './stored-packet.ts';

/** A subscription of a kept session, with the options of MQTT 5 §3.8.3.1. */
export const KeptSubscription = z.object({
  topic: z.string(),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  rh: z.number().optional(),
  rap: z.boolean().optional(),
  nl: z.boolean().optional(),
  subscriptionIdentifier: z.number().optional(),
});
export type KeptSubscription = z.infer<typeof KeptSubscription>;

/** A session as it is written to disk. */
export const StoredSession = z.object({
  expiry_s: z.number(),
  user: z.string().optional(),
  subscriptions: z.array(KeptSubscription),
});
export type StoredSession = z.infer<typeof StoredSession>;

/**
 * Messages that a kept session queues for its client while it is away; further ones are given up and counted, as in
 * Mosquitto (whose default of 1,000 is less than one minute of 1,000 devices). Of 1,000 devices that three monitors ping
 * and one polls each minute 12,000 observations have not expired, and 4,000 more come until those that have are swept
 * out. They are about 10 MB.
 */
const QUEUE_LIMIT = 20_000;

/** What the broker keeps for a client whose session outlives its connection. */
export class KeptSession {
  /** How long it is kept once the client is away, in seconds. */
  expiry_s: number;
  /** Monotonic time since when its client is away (or since the start, when it was read from disk). */
  away_ms: number | undefined;
  /** Whose it is; `undefined`: an anonymous client's. */
  user: string | undefined;
  #dropped = 0;
  readonly #subscriptions = new Map<string, { record: KeptSubscription; matches: (topic: string) => boolean }>();
  /** Unacknowledged messages in order, by the number that the broker gave them. */
  readonly #queue = new Map<string, Packet>();
  readonly #byMessageId = new Map<number, string>();

  constructor(expiry_s: number, away_ms?: number) {
    this.expiry_s = expiry_s;
    this.away_ms = away_ms;
  }

  /** As it is written to disk, but for its queue. */
  get stored(): StoredSession {
    const { expiry_s, user, subscriptions } = this;
    return { expiry_s, user, subscriptions };
  }

  /** What it has subscribed to. */
  get subscriptions(): KeptSubscription[] {
    return [...this.#subscriptions.values()].map(({ record }) => record);
  }

  /** What its client has not acknowledged yet, in the order in which it came, by the key of each message. */
  get queue(): ReadonlyMap<string, Packet> {
    return this.#queue;
  }

  /** Messages given up because the queue was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a subscription, in the place of one with the same filter. */
  subscribe(record: KeptSubscription): void {
    this.#subscriptions.set(record.topic, { record, matches: compileFilter(record.topic) });
  }

  /** Gives up a filter, if it has it. */
  unsubscribe(filter: string): void {
    this.#subscriptions.delete(filter);
  }

  /** The highest QoS with which it wants a topic queued; 0 when it does not. `nl`: not from its own client. */
  wants(topic: string): { qos: number; nl: boolean } {
    let qos = 0;
    let nl = true;
    for (const { record, matches } of this.#subscriptions.values()) {
      if (record.qos === 0 || !matches(topic)) continue;
      qos = Math.max(qos, record.qos);
      nl &&= record.nl === true;
    }
    return { qos, nl };
  }

  /** Gives the key of the message, or `undefined` when there was no room for it. */
  enqueue(packet: Packet): string | undefined {
    if (this.#queue.size >= QUEUE_LIMIT) {
      this.#dropped += 1;
      return undefined;
    }
    const key = queueKey(packet);
    this.#queue.set(key, packet);
    return key;
  }

  /** Gives up what has expired, at a time in milliseconds since 1970. Gives the keys of it. */
  expire(epoch_ms: number): string[] {
    const expired = [...this.#queue].filter(([, { messageExpiry = Infinity }]) => messageExpiry <= epoch_ms);
    for (const [key, { messageId }] of expired) {
      this.#queue.delete(key);
      if (messageId !== undefined) this.#byMessageId.delete(messageId);
    }
    return expired.map(([key]) => key);
  }

  /** Notes under which packet id a message is being sent, or the PUBREL that has taken its place. */
  update(packet: Packet): void {
    const { messageId } = packet;
    if (messageId === undefined) return;
    const key = queueKey(packet);
    const queued = this.#queue.get(key);
    if (queued !== undefined) {
      queued.messageId = messageId;
      this.#byMessageId.set(messageId, key);
      return;
    }
    const sending = this.#byMessageId.get(messageId);
    if (sending !== undefined) this.#queue.set(sending, packet);
  }

  /** Takes out the message that was sent under a packet id. */
  acknowledge(messageId: number | undefined): { key: string; packet: Packet } | undefined {
    if (messageId === undefined) return undefined;
    const key = this.#byMessageId.get(messageId);
    const packet = key === undefined ? undefined : this.#queue.get(key);
    if (key === undefined || packet === undefined) return undefined;
    this.#byMessageId.delete(messageId);
    this.#queue.delete(key);
    return { key, packet };
  }
}

function queueKey({ brokerId, brokerCounter }: Packet): string {
  return `${brokerId}:${brokerCounter}`;
}
