import type { OutgoingMessage } from './bus.ts';
import type { Asked, Delivery } from './subscriptions.ts';

/** What a connection tells its bus. */
export interface TransportEvents {
  /**
   * A message, which is acknowledged once this and `handedOut` have returned.
   *
   * @throws {NotTaken} when it is not to be: the connection has to break.
   */
  delivered(delivery: Delivery): void;
  /** All that came together has been delivered. Throws as `delivered`: then none of it is acknowledged. */
  handedOut(): void;
  /** The connection broke; called at most once, and not after `end` or `destroy`. */
  broken(cause: Error): void;
  /** `writable` is true again. */
  writable(): void;
}

/** The broker's answer to a publish: nothing when it took it, the reason when it refused it. */
export type Settled = (refusal?: string) => void;

/** One connection to a broker. When it breaks, what was not settled never will be. */
export interface Connection {
  /** How many QoS 1 messages the broker takes before it has acknowledged the first. */
  readonly receiveMaximum: number;
  /** False while so much waits in the socket that no more should be sent. */
  readonly writable: boolean;
  /**
   * Sends a message. QoS 1 is settled by the broker's answer, QoS 0 once it is written.
   *
   * @param expiry_s what remains of its expiry.
   */
  send(message: OutgoingMessage, expiry_s: number | undefined, settled: Settled): void;
  /** @throws {SubscriptionRefused} when the broker refuses it; another error when the connection breaks. */
  subscribe(filter: string, asked: Asked, identifier: number): Promise<void>;
  unsubscribe(filter: string): Promise<void>;
  /** Says goodbye, so that no will is sent. */
  end(): Promise<void>;
  /** Breaks it off without a word: it is over. */
  destroy(): void;
  /** Breaks it off, so that nothing which is under way arrives later than now; `broken` is then called with the cause. */
  sever(cause: Error): void;
}

/** The way to one broker, as one client. */
export interface Transport {
  /** For people: where it leads, without credentials. */
  readonly name: string;
  /**
   * @param connection its number, for its will.
   * @throws {ConnectionRefused} when the broker refuses this client until somebody changes something; another error
   * when it may go better the next time.
   */
  connect(events: TransportEvents, signal: AbortSignal, connection: number): Promise<Connection>;
}

/** The broker is there and does not want this client. */
export class ConnectionRefused extends Error {
  override readonly name = 'ConnectionRefused';
}

/** The broker does not grant a subscription. */
export class SubscriptionRefused extends Error {
  override readonly name = 'SubscriptionRefused';
}
