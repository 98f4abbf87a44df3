import type { IncomingMessage, Wire } from '@guaita/bus';
import type { Id } from '@guaita/model';
import { pause, type Clock } from '../clock.ts';
import type { Logger } from 'pino';
import { hearRetained } from './hear-retained.ts';
import type { NameMemory } from './name-memory.ts';

export interface KeeperOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whose keeper it is, as the end of its topic for marks. */
  readonly monitor: Id;
  readonly name: Id;
  /** Filters of all topics that are this keeper's to write. */
  readonly filters: readonly string[];
  /** Of the topics on which something of ours may be retained. */
  readonly memory: NameMemory;
  /** Told what goes wrong, and, `undefined`, that all is as it should be. */
  readonly onState: (trouble: string | undefined) => void;
  /** Whether it is its turn to speak; asked before each batch. Always, where the topics are its own alone. */
  readonly speaks?: () => boolean;
}

/** Few enough that the outbox, which other statements share, never fills; many enough that the broker is kept busy. */
const BATCH = 500;
const RETRY_ms = 2_000;

/**
 * Keeps the broker's retained messages of some topics as they should be. Which topics those are it remembers on disk:
 * what a former run said is said anew or cleared at the first occasion, and from then on only changes are, at no cost but
 * their own. (A broker that comes back empty is told again by the bus.) Where the memory is lost, or others may have
 * spoken meanwhile, the broker is heard instead; not always, since a broker that is asked for very many retained
 * messages at once may drop some, and its answers to everything else with them.
 */
export class RetainedKeeper {
  readonly #options: KeeperOptions;
  readonly #wanted = new Map<string, string>();
  /** What the broker has, as far as it is known; an empty text stands for something unknown. */
  #kept: Map<string, string> | undefined;
  /** Topics that the broker may have otherwise than wanted. */
  readonly #dirty = new Set<string>();
  #purging = false;
  /** Others may have spoken since we did. */
  #othersSpoke = false;
  #working: Promise<void> | undefined;
  #again = false;
  #hearing = new AbortController();
  readonly #stopping = new AbortController();
  #endConnection: (() => void) | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#endConnection = this.#options.wire.bus.onConnection((connected) => {
      if (connected) this.#work();
      else this.#hearing.abort();
    });
    this.#work();
  }

  async stop(): Promise<void> {
    this.#endConnection?.();
    this.#stopping.abort();
    await this.#working;
  }

  /** From now on the broker should keep this payload on a topic, or, `undefined`, nothing. */
  set(topic: string, payload: string | undefined): void {
    if (payload !== undefined && this.#wanted.get(topic) === payload) return;
    if (payload === undefined) this.#wanted.delete(topic);
    else this.#wanted.set(topic, payload);
    this.#dirty.add(topic);
    this.#work();
  }

  /** From now on the broker should keep exactly this, by topic, of all that it was told to keep. */
  replace(wanted: ReadonlyMap<string, string>): void {
    for (const topic of [...this.#wanted.keys()]) if (!wanted.has(topic)) this.set(topic, undefined);
    for (const [topic, payload] of wanted) this.set(topic, payload);
  }

  /** All is known by now: what the broker keeps beside that is to be taken away. */
  purge(): void {
    if (this.#purging) return;
    this.#purging = true;
    for (const topic of this.#kept?.keys() ?? []) if (!this.#wanted.has(topic)) this.#dirty.add(topic);
    this.#work();
  }

  /** It is our turn now. */
  speak(): void {
    this.#work();
  }

  /** It is another's turn: what we said is theirs, and is not said again by us. */
  fallSilent(): void {
    this.#hearing.abort();
    for (const filter of this.#options.filters) this.#options.wire.bus.forget(filter);
    this.#kept = undefined;
    this.#othersSpoke = true;
  }

  #work(): void {
    this.#again = true;
    this.#working ??= this.#run();
  }

  async #run(): Promise<void> {
    // A burst of changes is one batch, not one for each.
    await Promise.resolve();
    // Whatever comes, the run ends in the same step in which it sees that there is nothing more to do.
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      try {
        await this.#reconcile();
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        const cause = error instanceof Error ? error.message : String(error);
        this.#options.log.warn({ err: error }, `${this.#options.name}: cannot say what is to be known yet: ${cause}`);
        this.#options.onState(`what is to be known is not said yet: ${cause}`);
        await pause(this.#options.clock, RETRY_ms, this.#stopping.signal);
        this.#again = true;
      }
    }
    this.#working = undefined;
  }

  get #maySpeak(): boolean {
    return !this.#stopping.signal.aborted && this.#options.wire.bus.connected && (this.#options.speaks?.() ?? true);
  }

  async #reconcile(): Promise<void> {
    if (!this.#maySpeak) return;
    if (this.#kept === undefined) {
      const found = await this.#find();
      // The connection broke, or the turn passed, meanwhile: what was heard is not all. It is heard anew then.
      if (found === undefined || !this.#maySpeak) return;
      this.#take(found);
    }
    const { bus } = this.#options.wire;
    let said = 0;
    while (this.#dirty.size > 0) {
      const batch = this.#nextBatch();
      // Before anything is said, so that a crash in between leaves nothing that is not known.
      await this.#options.memory.came(batch.filter(({ payload }) => payload !== undefined).map(({ topic }) => topic));
      // Put back what was not said: as it then is.
      if (!this.#maySpeak || this.#kept === undefined) {
        for (const { topic } of batch) this.#dirty.add(topic);
        return;
      }
      for (const { topic, payload } of batch) {
        bus.publish({ topic, payload: payload ?? '', qos: 1, retain: true });
        if (payload === undefined) this.#kept.delete(topic);
        else this.#kept.set(topic, payload);
      }
      await bus.flushed(this.#stopping.signal);
      await this.#options.memory.went(batch.filter(({ payload }) => payload === undefined).map(({ topic }) => topic));
      said += batch.length;
    }
    if (said > 0) this.#options.log.debug({ said }, `${this.#options.name}: said`);
    this.#options.onState(undefined);
  }

  /** What differs, as it is now: what is gone first, so that nothing is watched twice under two ids. */
  #nextBatch(): { readonly topic: string; readonly payload: string | undefined }[] {
    const batch: { readonly topic: string; readonly payload: string | undefined }[] = [];
    for (const topic of this.#dirty) {
      if (batch.length >= BATCH) break;
      this.#dirty.delete(topic);
      const payload = this.#wanted.get(topic);
      if (this.#kept?.get(topic) !== payload) batch.push({ topic, payload });
    }
    return batch.sort((a, b) => Number(a.payload !== undefined) - Number(b.payload !== undefined));
  }

  #take(found: Map<string, string>): void {
    this.#kept = found;
    this.#othersSpoke = false;
    for (const topic of found.keys()) if (this.#purging && !this.#wanted.has(topic)) this.#dirty.add(topic);
    for (const topic of this.#wanted.keys()) this.#dirty.add(topic);
  }

  /** What a former run said, as far as it is known: on which topics. No payload is empty, so each is said again. */
  async #find(): Promise<Map<string, string> | undefined> {
    const topics = await this.#options.memory.read();
    const remembered = new Map([...(topics ?? [])].map((topic) => [topic, '']));
    if (topics !== undefined && !this.#othersSpoke) return remembered;
    const heard = await this.#hear();
    return heard === undefined ? undefined : new Map([...remembered, ...heard]);
  }

  /** Collects what the broker keeps of our topics; `undefined` when that was abandoned. */
  async #hear(): Promise<Map<string, string> | undefined> {
    const { wire, clock, filters, monitor, name, log } = this.#options;
    const heard = new Map<string, string>();
    const decoder = new TextDecoder();
    const receive = ({ topic, payload }: IncomingMessage): void => {
      if (payload.length === 0) heard.delete(topic);
      else heard.set(topic, decoder.decode(payload));
    };
    this.#hearing = new AbortController();
    const signal = AbortSignal.any([this.#hearing.signal, this.#stopping.signal]);
    const end = await hearRetained({ wire, clock, mark: { monitor, name }, filters, receive }, signal);
    if (end === 'late') log.warn('the broker did not say all it keeps in time; going on with what was heard');
    return end === 'abandoned' ? undefined : heard;
  }
}
