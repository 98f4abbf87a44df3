import { setImmediate as immediate, setTimeout as pause } from 'node:timers/promises';
import { backoff } from './backoff.ts';
import { BusError, type Bus, type MessageHandler, type OutboxStatus, type OutgoingMessage } from './bus.ts';
import type { SubscribeOptions } from './bus.ts';
import { guarded } from './guarded.ts';
import { Sender } from './sender.ts';
import { Subscriber } from './subscriber.ts';
import { publishFault } from './publish-packet.ts';
import type { BusLog, BusOptions } from './bus-options.ts';
import { ConnectionRefused, type Connection, type Transport } from './transport.ts';

const OUTBOX_LIMIT = 300_000;

/**
 * Written one by one, a message and its acknowledgement cost three to five times the CPU that they do in a bunch (system
 * calls at both ends, cold caches), and nobody acts on a measurement within a quarter of a second.
 */
const GATHER_ms = 250;

/** After a break: soon, since most are short; at most 15 s, so that a broker that is back is found while people wait. */
const RETRY = { first_ms: 500, most_ms: 15_000 };

/** While the broker refuses us: somebody has to change something first. */
const REFUSED_RETRY_ms = 60_000;

/**
 * A broker answers at once; but one whose queue for us is full of what we just subscribed to drops even its answer
 * (Mosquitto 2.0 drops any packet beyond max_queued_messages). The subscription holds all the same.
 */
const ANSWER_ms = 10_000;

/** A connection that lives this long was a good one: the next pause is a short one again. */
const GOOD_CONNECTION_ms = 10_000;

/** A bus over any transport: it connects again, subscribes again, says its state again. */
export class TransportBus implements Bus {
  readonly #transport: Transport;
  readonly #now_ms: () => number;
  readonly #pauses: () => Iterator<number, never>;
  readonly #log: BusLog;
  readonly #patient: boolean;
  readonly #sender: Sender;
  readonly #subscriber: Subscriber;
  readonly #listeners = new Set<(connected: boolean) => void>();
  readonly #gatherers = new Set<() => void>();
  readonly #ended = new AbortController();
  #connection: Connection | undefined;
  #connections = 0;
  #connected = false;
  #stopping = false;
  #running: Promise<void> | undefined;

  constructor(transport: Transport, options: BusOptions = {}) {
    this.#transport = transport;
    this.#now_ms = options.monotonic_ms ?? (() => performance.now());
    this.#log = options.log ?? ((_, message) => process.emitWarning(message));
    this.#patient = options.patient ?? false;
    const { retry = RETRY, random = Math.random } = options;
    this.#pauses = () => backoff({ ...retry, random });
    const { answer_ms = ANSWER_ms } = options;
    this.#subscriber = new Subscriber({ broker: transport.name, answer_ms, log: this.#log });
    const { outboxLimit = OUTBOX_LIMIT, stateLimit = outboxLimit, gather_ms = GATHER_ms } = options;
    this.#sender = new Sender({
      outboxLimit,
      stateLimit,
      gather_ms,
      now_ms: this.#now_ms,
      rejected: (message, reason) => {
        this.#log('error', `${transport.name} refuses a message on ${message.topic}: ${reason}`);
        guarded(this.#log, 'onRejected failed', () => options.onRejected?.(message, reason));
      },
      forgetful: () => {
        this.#log(
          'warn',
          `more than ${stateLimit} topics of state (stateLimit): a broker that restarts empty misses some`,
        );
      },
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  get connection(): number {
    return this.#connections;
  }

  get outbox(): OutboxStatus {
    return this.#sender.status;
  }

  async start(signal?: AbortSignal): Promise<void> {
    if (this.#running !== undefined || this.#stopping) throw new BusError('a bus starts once: make a new one');
    const first = Promise.withResolvers<void>();
    const abort = (): void => {
      this.#ended.abort();
      first.reject(new BusError(`gave up connecting to ${this.#transport.name}`, { cause: signal?.reason }));
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#running = this.#keepConnected(first);
    try {
      await first.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async stop(timeout_ms = 2_000): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#running !== undefined && !this.#ended.signal.aborted) {
      try {
        await this.#sender.flushed(AbortSignal.timeout(timeout_ms));
      } catch (error) {
        this.#log('warn', `${this.outbox.waiting} messages were not sent before the end: ${String(error)}`);
      }
    }
    const connection = this.#connection;
    this.#ended.abort();
    // The goodbye is not waited for where nobody listens any more.
    await Promise.race([connection?.end(), pause(timeout_ms, undefined, { ref: false })]);
    connection?.destroy();
    await this.#running;
    this.#sender.end(new BusError('the bus has stopped'));
  }

  publish(message: OutgoingMessage): void {
    if (this.#stopping) throw new BusError(`the bus has stopped: ${message.topic} cannot be said any more`);
    const fault = publishFault(message);
    if (fault !== undefined) throw new BusError(`cannot publish to ${JSON.stringify(message.topic)}: ${fault}`);
    this.#sender.publish(message);
  }

  forget(filter: string): void {
    this.#sender.forget(filter);
  }

  sever(why: string): void {
    this.#connection?.sever(new Error(`the connection was broken off: ${why}`));
  }

  flushed(signal?: AbortSignal): Promise<void> {
    return this.#sender.flushed(signal);
  }

  subscribe(filter: string, handler: MessageHandler, options: SubscribeOptions = {}): Promise<() => Promise<void>> {
    return this.#subscriber.subscribe(filter, handler, options);
  }

  onHandedOut(listener: () => void): () => void {
    this.#gatherers.add(listener);
    return () => this.#gatherers.delete(listener);
  }

  onConnection(listener: (connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #keepConnected(first: PromiseWithResolvers<void>): Promise<void> {
    const { signal } = this.#ended;
    let pauses = this.#pauses();
    let connectedBefore = false;
    while (!signal.aborted) {
      const started_ms = this.#now_ms();
      let refused = false;
      try {
        const cause = await this.#live(connectedBefore, () => {
          connectedBefore = true;
          first.resolve();
        });
        if (!signal.aborted) this.#log('warn', `the connection to ${this.#transport.name} broke: ${cause.message}`);
      } catch (cause) {
        if (signal.aborted) break;
        const text = `cannot connect to ${this.#transport.name}: ${cause instanceof Error ? cause.message : String(cause)}`;
        refused = cause instanceof ConnectionRefused;
        if (refused && !connectedBefore && !this.#patient) {
          first.reject(new BusError(text, { cause }));
          this.#ended.abort();
          return;
        }
        this.#log(refused ? 'error' : 'warn', text);
      }
      if (this.#now_ms() - started_ms > GOOD_CONNECTION_ms) pauses = this.#pauses();
      await rest(refused ? REFUSED_RETRY_ms : pauses.next().value, signal);
    }
    first.reject(new BusError(`the bus has stopped before ${this.#transport.name} was there`));
  }

  /** Connects and lives with the connection; gives why it broke. */
  async #live(sayAgain: boolean, established: () => void): Promise<Error> {
    const { signal } = this.#ended;
    const broken = Promise.withResolvers<Error>();
    this.#connections += 1;
    const connection = await this.#transport.connect(
      {
        delivered: (delivery) => this.#subscriber.hand(delivery),
        handedOut: () => {
          for (const listener of this.#gatherers) guarded(this.#log, 'what was gathered could not be kept', listener);
        },
        broken: broken.resolve,
        writable: () => this.#sender.pump(),
      },
      signal,
      this.#connections,
    );
    if (signal.aborted) {
      connection.destroy();
      throw new Error('the bus was stopped');
    }
    const stopped = (): void => broken.resolve(new Error('the bus was stopped'));
    signal.addEventListener('abort', stopped, { once: true });
    this.#connection = connection;
    void this.#subscriber.attach(connection).then(() => {
      if (this.#connection !== connection || signal.aborted) return;
      this.#setConnected(true);
      established();
    });
    this.#sender.attach(connection, sayAgain);
    const cause = await broken.promise;
    signal.removeEventListener('abort', stopped);
    this.#connection = undefined;
    this.#subscriber.detach();
    this.#sender.detach();
    this.#setConnected(false);
    return cause;
  }

  #setConnected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    for (const listener of this.#listeners) {
      guarded(this.#log, 'a listener for the connection failed', () => listener(connected));
    }
  }
}

/** Waits, but not beyond the signal. */
async function rest(duration_ms: number, signal: AbortSignal): Promise<void> {
  try {
    if (duration_ms === 0) await immediate(undefined, { signal });
    else await pause(duration_ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
