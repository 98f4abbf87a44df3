import type { ClaimBucket, Digest, Header, Id, Intent } from '@guaita/model';

/** A monitor's header, with its next beat. */
export interface HeaderMessage {
  readonly kind: 'header';
  readonly monitor: Id;
  readonly header: Header;
}

/** A goodbye, or the will that a broker sends in a monitor's place: ends that session only. */
export interface OfflineMessage {
  readonly kind: 'offline';
  readonly monitor: Id;
  readonly incarnation: number;
  readonly session: number;
}

/** One bucket of a monitor's claims. */
export interface BucketMessage {
  readonly kind: 'bucket';
  readonly monitor: Id;
  readonly bucket: number;
  readonly content: ClaimBucket;
}

/**
 * "My copy of your claims is incomplete": the peer says again every bucket whose version differs from these. And, when
 * it carries `intents`, "what we know operators to intend differs": the peer says again the buckets that differ.
 */
export interface WantsMessage {
  readonly kind: 'wants';
  /** Who asks. */
  readonly monitor: Id;
  /** Who is asked. */
  readonly peer: Id;
  readonly incarnation: number;
  /** The version that the asker has of each bucket, 0 for none: `BUCKETS` numbers. */
  readonly versions: readonly number[];
  /** The digest that the asker has of each bucket of intents, when it asks for these too: `BUCKETS` digests. */
  readonly intents?: readonly Digest[] | undefined;
}

/**
 * All that a monitor knows operators to intend, in one bucket; or some of it, which can be joined by itself. No intents:
 * another has said all of it, and a link that keeps what this monitor said before need keep it no longer.
 */
export interface IntentsMessage {
  readonly kind: 'intents';
  /** Who says it: not the one who intended it. */
  readonly monitor: Id;
  readonly bucket: number;
  readonly intents: Iterable<Intent>;
  /** Over all that the speaker knows in the bucket; where it is left out, these are all. */
  readonly digest?: Digest;
}

/** Whether the host of a monitor lives, by the word of a source that knows nothing else of it (Serf's members). */
export interface LifeMessage {
  readonly kind: 'life';
  readonly monitor: Id;
  /** `undefined`: the source takes back what it said. */
  readonly alive: boolean | undefined;
}

/** All that goes between monitors. Any may be lost, late, doubled or out of order: they are merged by a join. */
export type LinkMessage = HeaderMessage | OfflineMessage | BucketMessage | WantsMessage | IntentsMessage | LifeMessage;

/** Told by a link. */
export interface LinkListener {
  /**
   * A message of another monitor (or of a former self).
   *
   * @param stored it was kept for us, and may be old: it tells state, never life.
   */
  heard(message: LinkMessage, stored: boolean): void;
  /**
   * The link can carry messages now, or no longer.
   *
   * @param session the number of the connection that begins, where a goodbye or a will over this link ends just that
   *   one. It rises with each.
   */
  connected(connected: boolean, session?: number): void;
}

/**
 * Carries the replicated state between monitors. The port: `MemoryLink` is the twin, the MQTT and AntidoteDB links are
 * adapters; one contract suite (`./contract`) holds them to the same behaviour.
 *
 * A link keeps the newest header, buckets and intents of each monitor for those who come later. It promises nothing
 * else: what is said may be lost, and who cares asks again. Constructors do nothing.
 */
export interface Link {
  readonly name: Id;
  /** Starts to connect and to listen; resolves without waiting for a connection, which may take for ever. */
  start(listener: LinkListener, signal: AbortSignal): Promise<void>;
  /** Says something of our own, when it can: newer state takes the place of what still waits. */
  say(message: LinkMessage): void;
  /** Says goodbye where it can, and ends. */
  stop(): Promise<void>;
}

/** How long a source of life may be silent before the monitor behind it is taken for dead. */
export interface Patience {
  readonly link: Id;
  /** Infinite for a source that tells of deaths at once, and of nothing else. */
  readonly silence_ms: number;
}
