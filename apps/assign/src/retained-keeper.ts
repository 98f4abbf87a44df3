import type { IncomingMessage, Wire } from '@guaita/bus';
import type { Clock } from '@guaita/service';
import type { Logger } from 'pino';
import { diff, type Retained } from './retained.ts';
import type { TopicMemory } from './topic-memory.ts';

export interface KeeperOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Logger;
  /** Filters of all topics that are ours alone to write. */
  readonly filters: readonly string[];
  readonly memory: TopicMemory;
  /** A topic of ours on which `mark` publishes. */
  readonly markTopic: string;
  readonly mark: () => void;
  /** Told what goes wrong, and, `undefined`, that all is as it should be. */
  readonly onState: (trouble: string | undefined) => void;
}

/** Far more than a broker on this host needs; after it we go on with what was heard. */
const HEARING_PATIENCE_ms = 30_000;
/** Few enough that the outbox, which other statements share, never fills; many enough that the broker is kept busy. */
const BATCH = 500;
const RETRY_ms = 2_000;

/**
 * Keeps the broker's retained messages of our own topics as they should be, being their only writer. Which topics those
 * are it remembers on disk: what a former run said is said anew or cleared at the first occasion, and from then on only
 * differences are. (A broker that comes back empty is told again by the bus.) Where the memory is lost, the broker is
 * heard instead; not always, since a broker that is asked for very many retained messages at once may drop some, and
 * its answers to everything else with them.
 */
export class RetainedKeeper {
  readonly #options: KeeperOptions;
  #wanted: Retained | undefined;
  #kept: Map<string, string> | undefined;
  #working: Promise<void> | undefined;
  #again = false;
  #abandonHearing = (): void => {};
  readonly #stopping = new AbortController();
  #endConnection: (() => void) | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#endConnection = this.#options.wire.bus.onConnection((connected) => {
      if (connected) this.#work();
      else this.#abandonHearing();
    });
  }

  async stop(): Promise<void> {
    this.#endConnection?.();
    this.#stopping.abort();
    this.#abandonHearing();
    await this.#working;
  }

  /** From now on this is what the broker should keep. */
  keep(wanted: Retained): void {
    this.#wanted = wanted;
    this.#work();
  }

  #work(): void {
    this.#again = true;
    this.#working ??= this.#run();
  }

  async #run(): Promise<void> {
    // Whatever comes, the run ends in the same step in which it sees that there is nothing more to do.
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      try {
        await this.#reconcile();
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        const cause = error instanceof Error ? error.message : String(error);
        this.#options.log.warn({ err: error }, `cannot say the inventory yet: ${cause}`);
        this.#options.onState(`the inventory is not said yet: ${cause}`);
        await this.#pause();
        this.#again = true;
      }
    }
    this.#working = undefined;
  }

  async #reconcile(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined || !this.#options.wire.bus.connected) return;
    const kept = (this.#kept ??= (await this.#remembered()) ?? (await this.#hear()));
    // The connection broke meanwhile: what was heard is not all. The next one is heard anew.
    if (kept === undefined) return;
    const { bus } = this.#options.wire;
    // Before anything is said, so that a crash in between leaves nothing that is not known.
    await this.#options.memory.write([...kept.keys(), ...wanted.keys()]);
    const effects = diff(kept, wanted);
    for (let at = 0; at < effects.length; at += BATCH) {
      // Something newer: the rest may be wrong by now.
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

  /** What a former run said, as far as it is known: on which topics. No payload is empty, so each is said again. */
  async #remembered(): Promise<Map<string, string> | undefined> {
    const topics = await this.#options.memory.read();
    return topics === undefined ? undefined : new Map(topics.map((topic) => [topic, '']));
  }

  /**
   * Collects what the broker keeps of our topics. It sends that in answer to the subscription; a message of our own that
   * comes back after it marks the end. QoS 0, since brokers bound their queues of QoS 1 (Mosquitto: 1,000 messages) and
   * drop the rest without a word.
   */
  async #hear(): Promise<Map<string, string> | undefined> {
    const { wire, clock, filters, markTopic, mark, log } = this.#options;
    const heard = new Map<string, string>();
    const decoder = new TextDecoder();
    const receive = ({ topic, payload }: IncomingMessage): void => {
      if (payload.length === 0) heard.delete(topic);
      else heard.set(topic, decoder.decode(payload));
    };
    const end = Promise.withResolvers<'marked' | 'late' | 'abandoned'>();
    this.#abandonHearing = () => end.resolve('abandoned');
    const patience = clock.after(HEARING_PATIENCE_ms, () => end.resolve('late'));
    const receiveMark = ({ retain }: IncomingMessage): void => {
      if (!retain) end.resolve('marked');
    };
    const unsubscribe: (() => Promise<void>)[] = [];
    try {
      for (const filter of filters) unsubscribe.push(await wire.bus.subscribe(filter, receive, { qos: 0 }));
      unsubscribe.push(await wire.bus.subscribe(markTopic, receiveMark, { qos: 1 }));
      mark();
      const ending = await end.promise;
      if (ending === 'late') log.warn('the broker did not say all it keeps in time; going on with what was heard');
      if (ending === 'abandoned') return undefined;
      return heard;
    } finally {
      patience.cancel();
      this.#abandonHearing = () => {};
      for (const stop of unsubscribe) await stop();
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
