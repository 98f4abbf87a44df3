/** A message to publish. */
export interface OutgoingMessage {
  readonly topic: string;
  /** UTF-8 text; empty with `retain` takes the retained message away. */
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Whole seconds after which brokers and subscribers forget it (MQTT 5 message expiry). */
  readonly expiry_s?: number;
  /** A measurement may be given up when the outbox is full, oldest first and counted. State is never given up. */
  readonly measurement?: boolean;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  /** MQTT 5 user properties: brokers pass them on as they are. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A message received. */
export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** True when it was stored before this subscription: it tells state, never life. */
  readonly retain: boolean;
  readonly qos: 0 | 1 | 2;
  /** What the broker says remains of its expiry, in whole seconds. */
  readonly expiry_s?: number;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  /** MQTT 5 user properties; of one that was given several times, the last. */
  readonly properties?: Readonly<Record<string, string>>;
}

/**
 * Called synchronously; once all that a message concerns have returned, it is acknowledged to the broker, together with
 * those that came with it (`Bus.onHandedOut`). Whatever one throws is logged, and the message acknowledged all the same: it would fail again. Only `NotTaken` says otherwise.
 */
export type MessageHandler = (message: IncomingMessage) => void;

/**
 * Thrown by a handler that cannot take a message now and must not lose it (its disk is full). It is not acknowledged, and
 * since MQTT lets nothing be acknowledged out of turn, the connection is broken off: with a kept session the broker
 * sends that message, and those behind it, again at the next one. Without one, or at QoS 0, the message is lost.
 */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
}

export interface SubscribeOptions {
  readonly qos?: 0 | 1;
  /**
   * Whether retained messages are sent at every connection, or only where the broker makes the subscription anew: not
   * where it kept it with our session, and so has queued all that came since. Default: `always`.
   */
  readonly retained?: 'always' | 'if-new';
}

/**
 * By which all comes that a broker keeps, in order and at once, also where that is more than it queues for a client
 * (Mosquitto: 1,000 messages; it drops the rest without a word).
 */
export const ALL_KEPT: SubscribeOptions = { qos: 0 };

/** A message the broker publishes in our place when the connection breaks without a goodbye. */
export interface Will {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

/**
 * A will, or what makes one for each connection: brokers fix it when a client connects.
 *
 * @param connection the number of the connection that it is for, as `Bus.connection` then says.
 */
export type WillSource = Will | ((connection: number) => Will);

/** The will for a connection. */
export function willOf(source: WillSource | undefined, connection: number): Will | undefined {
  return typeof source === 'function' ? source(connection) : source;
}

/** How full the outbox is, and what it had to give up. */
export interface OutboxStatus {
  /** Accepted and not yet acknowledged by the broker. */
  readonly waiting: number;
  /** Messages given up: measurements because the outbox was full, and whatever expired while it waited. */
  readonly dropped: number;
  /** Messages that the broker refused, or would have: not authorized, quota, too large. They are not sent again. */
  readonly rejected: number;
}

/**
 * The MQTT connection of one service. The port: `MqttBus` speaks to a broker, `MemoryBus` is its twin in tests; one
 * contract suite (`./contract`) holds both to the same behaviour.
 *
 * A broker may come back without what it was told, and cannot say so (a session may outlive the retained messages, as
 * in a Mosquitto that was killed between two savings). So after every reconnection the bus says its state again by
 * itself: the newest message of each topic published with `retain` and not as a `measurement`, also that a topic was
 * cleared, unless it has expired meanwhile. Measurements are not said again: the next one is due soon.
 *
 * Constructors do nothing; `start` connects, `stop` says goodbye.
 */
export interface Bus {
  readonly connected: boolean;
  /**
   * Which connection this is, or, while there is none, the last one or the one that is being tried; 0 before the start.
   * It rises with each try, so that a connection never has the number of one whose will may still be sent.
   */
  readonly connection: number;
  readonly outbox: OutboxStatus;

  /**
   * Connects, and keeps connected until `stop`: the broker may come and go. Resolves at the first connection.
   *
   * @throws {BusError} when the broker refuses us for good (credentials, protocol) and the bus is not a patient one, or
   * the signal aborts.
   */
  start(signal?: AbortSignal): Promise<void>;

  /**
   * Sends what is waiting, for at most `timeout_ms` (default 2,000), then disconnects with a goodbye: no will is sent.
   * Nothing can be published after it.
   */
  stop(timeout_ms?: number): Promise<void>;

  /**
   * Accepts a message; it is sent in order, at once or when the broker is back. While waiting, a newer retained state
   * message of a topic takes the older one's place, and messages expire as they would at the broker. When the outbox
   * is full the oldest measurement gives way.
   *
   * @throws {BusError} when the bus has stopped, the topic is not one that can be published to, or the outbox is full
   * and nothing in it may give way.
   */
  publish(message: OutgoingMessage): void;

  /**
   * Leaves topics to others, by a filter: the state said on them is not said again after a reconnection, and nothing that
   * was said on them is sent if it still waits, or sent again if it is under way; measurements are. What the broker has
   * stays. Whoever publishes to them again is their speaker again.
   */
  forget(filter: string): void;

  /**
   * Breaks the connection, and makes a new one: nothing of what is under way to the broker arrives later than now, as it
   * would where a network comes back before anybody found that it was gone. What is not forgotten is sent again.
   *
   * @param why ends the sentence "the connection was broken off: …".
   */
  sever(why: string): void;

  /**
   * Resolves when all that was accepted before has been acknowledged by the broker, or given up.
   *
   * @throws {BusError} when the signal aborts, or the bus stops before.
   */
  flushed(signal?: AbortSignal): Promise<void>;

  /**
   * Subscribes, now and after every reconnection. May be called before `start`. Resolves when the broker has granted
   * it, or at once while there is no connection. The function that it gives unsubscribes.
   * Several handlers may have the same or overlapping filters: each is called once for each message it matches.
   *
   * @throws {BusError} when the broker refuses the filter.
   */
  subscribe(filter: string, handler: MessageHandler, options?: SubscribeOptions): Promise<() => Promise<void>>;

  /**
   * Calls back once all messages that came together have been handed out, before any of them is acknowledged: what their
   * handlers have gathered is written down here, at once. What it throws is as what a handler throws: after `NotTaken` all
   * of them come again. The function that it gives ends that.
   */
  onHandedOut(listener: () => void): () => void;

  /** Calls back at each change of `connected`. The function that it gives ends that. */
  onConnection(listener: (connected: boolean) => void): () => void;
}

/** Why the bus cannot do what was asked. */
export class BusError extends Error {
  override readonly name = 'BusError';
}
