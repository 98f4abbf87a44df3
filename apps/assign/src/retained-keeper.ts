import type { IncomingMessage, Wire } from '@guaita/bus';
import type { Clock } from '@guaita/service';
import type { Logger } from 'pino';
import { diff, type Retained } from './retained.ts';

export interface KeeperOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Logger;
  /** Filters of all topics that are ours alone to write. */
  readonly filters: readonly string[];
  /** A topic of ours on which `mark` publishes. */
  readonly markTopic: string;
  readonly mark: () => void;
  /** Told what goes wrong, and, `undefined`, that all is as it should be. */
  readonly onState: (trouble: string | undefined) => void;
}

/** Far more than a broker on this host needs for 100,000 devices; after it we go on with what was heard. */
const HEARING_PATIENCE_ms = 30_000;
/** Few enough that the outbox, which other statements share, never fills; many enough that the broker is kept busy. */
const BATCH = 500;
const RETRY_ms = 2_000;

/**
 * Keeps the broker's retained messages of our own topics as they should be. At start and after every reconnection it
 * hears what the broker keeps, since a broker may have lost it, or kept what a former run said; from then on it knows,
 * being the only writer, and says differences only.
 */
export class RetainedKeeper {
  readonly #options: KeeperOptions;
  #wanted: Retained | undefined;
  #kept: Map<string, string> | undefined;
  #working: Promise<void> | undefined;
  #again = false;
  readonly #stopping = new AbortController();
  #endConnection: (() => void) | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#endConnection = this.#options.wire.bus.onConnection((connected) => {
      if (!connected) return;
      this.#kept = undefined;
      this.#work();
    });
  }

  async stop(): Promise<void> {
    this.#endConnection?.();
    this.#stopping.abort();
    await this.#working;
  }

  /** From now on this is what the broker should keep. */
  keep(wanted: Retained): void {
    this.#wanted = wanted;
    this.#work();
  }

  #work(): void {
    this.#again = true;
    this.#working ??= this.#run().finally(() => (this.#working = undefined));
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      try {
        await this.#reconcile();
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        const cause = error instanceof Error ? error.message : String(error);
        this.#options.log.warn({ err: error }, `cannot say the inventory yet: ${cause}`);
        this.#options.onState(`the inventory is not said yet: ${cause}`);
        await this.#pause();
        this.#again = true;
      }
    }
  }

  async #reconcile(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined || !this.#options.wire.bus.connected) return;
    this.#kept ??= await this.#hear();
    const kept = this.#kept;
    const { bus } = this.#options.wire;
    const effects = diff(kept, wanted);
    for (let at = 0; at < effects.length; at += BATCH) {
      // Something newer, or a broker that has to be heard first: the rest may be wrong by now.
      if (this.#again || this.#stopping.signal.aborted) return;
      for (const { topic, payload } of effects.slice(at, at + BATCH)) {
        bus.publish({ topic, payload: payload ?? '', qos: 1, retain: true });
        if (payload === undefined) kept.delete(topic);
        else kept.set(topic, payload);
      }
      await bus.flushed(this.#stopping.signal);
    }
    if (effects.length > 0) this.#options.log.info({ said: effects.length }, 'the inventory is said');
    this.#options.onState(undefined);
  }

  /**
   * Collects what the broker keeps of our topics. It sends that in answer to the subscription; a message of our own that
   * comes back after it marks the end. QoS 0, since brokers bound their queues of QoS 1 (Mosquitto: 1,000 messages) and
   * drop the rest without a word.
   */
  async #hear(): Promise<Map<string, string>> {
    const { wire, clock, filters, markTopic, mark, log } = this.#options;
    const heard = new Map<string, string>();
    const decoder = new TextDecoder();
    const receive = ({ topic, payload }: IncomingMessage): void => {
      if (payload.length === 0) heard.delete(topic);
      else heard.set(topic, decoder.decode(payload));
    };
    const ends: (() => Promise<void>)[] = [];
    try {
      for (const filter of filters) ends.push(await wire.bus.subscribe(filter, receive, { qos: 0 }));
      let marked = false;
      await new Promise<void>((resolve, reject) => {
        const patience = clock.after(HEARING_PATIENCE_ms, resolve);
        this.#stopping.signal.addEventListener('abort', () => resolve(), { once: true });
        const onMark = ({ retain }: IncomingMessage): void => {
          if (retain) return;
          marked = true;
          patience.cancel();
          resolve();
        };
        wire.bus
          .subscribe(markTopic, onMark, { qos: 0 })
          .then((end) => {
            ends.push(end);
            mark();
          })
          .catch(reject);
      });
      if (!marked) log.warn('the broker did not say all it keeps in time; going on with what was heard');
      return heard;
    } finally {
      for (const end of ends) await end();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(RETRY_ms, resolve);
      this.#stopping.signal.addEventListener(
        'abort',
        () => {
          timer.cancel();
          resolve();
        },
        { once: true },
      );
    });
  }
}
