import { BusError, MqttBus, type Bus, type IncomingMessage, type MqttBusOptions } from '@guaita/bus';
import { normaliseId } from '@guaita/model';
import { readObject } from '../read-object.ts';
import type { Status } from '../red.ts';

/** Where a broker is, and who we are there. */
export interface LinkOptions {
  readonly url: string;
  /** The topic under which all others stand. */
  readonly base: string;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: NonNullable<MqttBusOptions['tls']>;
  /** For Node-RED's log. */
  readonly warn: (text: string) => void;
  /** Default: over the network. */
  readonly makeBus?: (options: MqttBusOptions) => Bus;
}

/** What came on a topic: the object in its payload, or `undefined` when the topic was cleared. */
export interface Received {
  readonly topic: string;
  readonly value: Readonly<Record<string, unknown>> | undefined;
  /** It was said before we listened. */
  readonly isKept: boolean;
}

/** Some topics that are heard, as soon as there is a connection. */
export interface Hearing {
  /** Resolves when the broker lets us; rejects with a `BusError` when it does not. */
  readonly granted: Promise<void>;
  stop(): Promise<void>;
}

const CONNECTING: Status = { fill: 'yellow', shape: 'ring', text: 'connecting' };
const CONNECTED: Status = { fill: 'green', shape: 'dot', text: 'connected' };

/** People read it below a node. */
const STATUS_LENGTH = 60;

/**
 * The connection that all nodes with the same broker share. It is made when the first of them needs it, and comes back by
 * itself when the broker does.
 */
export class Link {
  readonly url: string;
  readonly base: string;
  /** Below whose name answers are wanted: a broker lets others neither read nor write there. */
  readonly user: string;
  readonly bus: Bus;
  readonly #warn: (text: string) => void;
  /** What is to be done at the next connection. */
  readonly #waiting: (() => void)[] = [];
  readonly #listeners = new Set<(status: Status) => void>();
  #status: Status = CONNECTING;
  #trouble: string | undefined;
  #started = false;

  constructor({ url, base, warn, makeBus = (options) => new MqttBus(options), ...client }: LinkOptions) {
    this.url = url;
    this.base = base;
    this.user = normaliseId(client.username ?? '') ?? 'node-red';
    this.#warn = warn;
    this.bus = makeBus({ ...client, url, patient: true, stateLimit: 0, log: (level, text) => this.#log(level, text) });
  }

  get connected(): boolean {
    return this.bus.connected;
  }

  /** Why there is no connection, as far as it is known. */
  get trouble(): string {
    return this.#trouble ?? 'not connected';
  }

  /** Tells how the connection is, now and at each change. The function that it gives ends that. */
  follow(listener: (status: Status) => void): () => void {
    this.#start();
    this.#listeners.add(listener);
    listener(this.#status);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when there is a connection. */
  async whenConnected(): Promise<void> {
    await new Promise<void>((resolve) => this.#onceConnected(resolve));
  }

  /** Hears some topics. What is no JSON object reaches nobody; the first is told in Node-RED's log. */
  hear(filter: string, handler: (received: Received) => void): Hearing {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let isWarned = false;
    const receive = ({ topic, payload, retain }: IncomingMessage): void => {
      const value = payload.length === 0 ? undefined : readObject(payload);
      if (value !== undefined || payload.length === 0) handler({ topic, value, isKept: retain });
      else if (!isWarned) {
        // Whoever says such things may say them without end.
        isWarned = true;
        this.#warn(`${topic}: passed over what is no JSON object; others on ${filter} are, without a word`);
      }
    };
    let isWanted = true;
    let end: (() => Promise<void>) | undefined;
    const subscribe = async (): Promise<void> => {
      if (!isWanted) return;
      end = await this.bus.subscribe(filter, receive);
      if (!isWanted) await end();
    };
    // Only a connection tells what a broker refuses; afterwards the bus subscribes again by itself.
    this.#onceConnected(() => void subscribe().then(resolve, reject));
    const stop = async (): Promise<void> => {
      isWanted = false;
      await end?.();
    };
    return { granted: promise, stop };
  }

  async stop(): Promise<void> {
    this.#listeners.clear();
    this.#waiting.length = 0;
    await this.bus.stop();
  }

  #onceConnected(action: () => void): void {
    this.#start();
    if (this.connected) action();
    else this.#waiting.push(action);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.bus.onConnection((connected) => {
      if (connected) this.#trouble = undefined;
      this.#tell(connected ? CONNECTED : this.#failure());
      if (connected) for (const action of this.#waiting.splice(0)) action();
    });
    this.bus.start().catch((error: unknown) => {
      // It is patient, and so gives up only when it is stopped.
      if (!(error instanceof BusError)) throw error;
    });
  }

  #log(level: 'info' | 'warn' | 'error', text: string): void {
    if (level === 'info' || text === this.#trouble) return;
    this.#warn(text);
    if (this.connected) return;
    this.#trouble = text;
    this.#tell(this.#failure());
  }

  #failure(): Status {
    const text = this.trouble.replace(/^.*?: /, '');
    return {
      fill: 'red',
      shape: 'ring',
      text: text.length > STATUS_LENGTH ? `${text.slice(0, STATUS_LENGTH)}…` : text,
    };
  }

  #tell(status: Status): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}
