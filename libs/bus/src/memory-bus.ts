import type { BusOptions } from './bus-options.ts';
import { willOf, type OutgoingMessage, type Will, type WillSource } from './bus.ts';
import type { MemoryBroker, MemoryLink } from './memory-broker.ts';
import { TransportBus } from './transport-bus.ts';
import type { Asked, Delivery } from './subscriptions.ts';
import type { Connection, Settled, Transport, TransportEvents } from './transport.ts';

export interface MemoryBusOptions extends BusOptions {
  /** Default: one of its own. */
  readonly clientId?: string;
  readonly will?: WillSource;
  readonly session?: 'clean' | { readonly kept_s: number };
}

let clients = 0;

/** The bus over a broker in memory: the twin of `MqttBus` for tests. Everything is delivered without a timer. */
export class MemoryBus extends TransportBus {
  readonly #transport: MemoryTransport;

  constructor(broker: MemoryBroker, options: MemoryBusOptions = {}) {
    clients += 1;
    const transport = new MemoryTransport(broker, { clientId: `memory-${clients}`, ...options });
    super(transport, { gather_ms: 0, retry: { first_ms: 0, most_ms: 0 }, log: () => {}, ...options });
    this.#transport = transport;
  }

  get clientId(): string {
    return this.#transport.clientId;
  }

  /** Breaks the connection without a goodbye, for good, as when the process is killed: the will is sent. */
  kill(): void {
    this.#transport.kill();
  }
}

class MemoryTransport implements Transport {
  readonly name = 'the broker in memory';
  readonly clientId: string;
  readonly #broker: MemoryBroker;
  readonly #options: MemoryBusOptions;
  #link: MemoryConnection | undefined;
  #killed = false;

  constructor(broker: MemoryBroker, options: MemoryBusOptions & { readonly clientId: string }) {
    this.#broker = broker;
    this.#options = options;
    this.clientId = options.clientId;
  }

  async connect(events: TransportEvents, signal: AbortSignal, connection: number): Promise<Connection> {
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(new Error('stopped'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#broker.reachable(this.clientId), aborted.promise]);
      if (this.#killed) await aborted.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
    const { session = 'clean' } = this.#options;
    const will = willOf(this.#options.will, connection);
    const kept_s = session === 'clean' ? 0 : session.kept_s;
    this.#link = new MemoryConnection(this.#broker, events, this.clientId, will, kept_s);
    this.#broker.attach(this.#link);
    return this.#link;
  }

  kill(): void {
    this.#killed = true;
    this.#link?.destroy();
  }
}

/** Both ends of a connection; messages cross it in order, each in a microtask of its own. */
class MemoryConnection implements Connection, MemoryLink {
  readonly receiveMaximum = 65_535;
  readonly writable = true;
  readonly clientId: string;
  readonly will: Will | undefined;
  readonly sessionKept_s: number;
  readonly #broker: MemoryBroker;
  readonly #events: TransportEvents;
  #open = true;

  constructor(
    broker: MemoryBroker,
    events: TransportEvents,
    clientId: string,
    will: Will | undefined,
    sessionKept_s: number,
  ) {
    this.#broker = broker;
    this.#events = events;
    this.clientId = clientId;
    this.will = will;
    this.sessionKept_s = sessionKept_s;
  }

  send(message: OutgoingMessage, expiry_s: number | undefined, settled: Settled): void {
    const { expiry_s: _, ...rest } = message;
    const sent = { ...rest, ...(expiry_s === undefined ? {} : { expiry_s }) };
    this.#cross(() => {
      this.#broker.publish(sent);
      settled();
    });
  }

  subscribe(filter: string, { retained }: Asked, identifier: number): Promise<void> {
    return this.#ask(() => this.#broker.subscribe(this, filter, retained, identifier));
  }

  unsubscribe(filter: string): Promise<void> {
    return this.#ask(() => this.#broker.unsubscribe(this, filter));
  }

  async end(): Promise<void> {
    this.#open = false;
    this.#broker.detach(this);
  }

  destroy(): void {
    this.#broker.lose(this);
  }

  sever(cause: Error): void {
    this.#broker.lose(this, cause.message);
  }

  deliver(delivery: Delivery, acknowledged: () => void): void {
    this.#cross(() => {
      try {
        this.#events.delivered(delivery);
        this.#events.handedOut();
      } catch (error) {
        this.#broker.lose(this, String(error));
        return;
      }
      acknowledged();
    });
  }

  broken(cause: Error): void {
    this.#open = false;
    this.#events.broken(cause);
  }

  #ask(question: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      queueMicrotask(() => {
        if (!this.#open) {
          reject(new Error('the connection broke'));
          return;
        }
        question();
        resolve();
      });
    });
  }

  #cross(step: () => void): void {
    queueMicrotask(() => {
      if (this.#open) step();
    });
  }
}
