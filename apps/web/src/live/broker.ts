import mqtt, { type MqttClient } from 'mqtt';

/** Every change of the connection, and every message, goes to one who keeps them. */
export interface Hearing {
  opened(): void;
  closed(why: string): void;
  /** @param topic below the base topic. */
  heard(topic: string, payload: string): void;
}

/** A page that lost its broker tries again this often: a restart is over within seconds. */
const RETRY_ms = 1000;
/** A network that fell silent is noticed within one and a half of these. */
const KEEPALIVE_s = 10;

/** Listens to the broker through the page's own port. It never publishes: operators' commands go over HTTP. */
export class Broker {
  readonly #url: string;
  readonly #base: string;
  readonly #filters: Map<string, number>;
  readonly #hearing: Hearing;
  #client: MqttClient | undefined;
  #why = '';

  /** @param filters below the base topic, in the order in which they are needed. */
  constructor(url: string, base: string, filters: readonly string[], hearing: Hearing) {
    this.#url = url;
    this.#base = base;
    this.#filters = new Map(filters.map((filter) => [filter, 1]));
    this.#hearing = hearing;
  }

  start(): void {
    const client = mqtt.connect(this.#url, {
      ...{ protocolVersion: 5, clean: true, keepalive: KEEPALIVE_s, resubscribe: false, reconnectPeriod: RETRY_ms },
      // The other ways need a worker made of text, which a strict Content-Security-Policy refuses.
      timerVariant: 'native',
      queueQoSZero: false,
    });
    this.#client = client;
    client.on('connect', () => {
      this.#why = '';
      this.#hearing.opened();
      this.#subscribe([...this.#filters.keys()]);
    });
    client.on('message', (topic, payload) => {
      if (!topic.startsWith(`${this.#base}/`)) return;
      this.#hearing.heard(topic.slice(this.#base.length + 1), utf8.decode(payload));
    });
    client.on('error', (error) => (this.#why = error.message));
    client.on('close', () => this.#hearing.closed(this.#why));
    globalThis.addEventListener('online', this.#online);
  }

  stop(): void {
    globalThis.removeEventListener('online', this.#online);
    this.#client?.end(true);
    this.#client = undefined;
  }

  /** Listens to more while a view needs it. @returns what ends that. */
  listen(filter: string): () => void {
    const listeners = this.#filters.get(filter) ?? 0;
    this.#filters.set(filter, listeners + 1);
    if (listeners === 0) this.#subscribe([filter]);
    return () => {
      const left = (this.#filters.get(filter) ?? 1) - 1;
      if (left > 0) {
        this.#filters.set(filter, left);
        return;
      }
      this.#filters.delete(filter);
      if (this.#client?.connected) this.#client.unsubscribe(`${this.#base}/${filter}`);
    };
  }

  /** At QoS 0: what the broker says is kept there or measured again soon, and nothing is lost while it is connected. */
  #subscribe(filters: readonly string[]): void {
    if (!this.#client?.connected) return;
    for (const filter of filters) this.#client.subscribe(`${this.#base}/${filter}`, { qos: 0 });
  }

  readonly #online = (): void => {
    if (this.#client?.connected === false) this.#client.reconnect();
  };
}

const utf8 = new TextDecoder();
