import { randomUUID } from 'node:crypto';
import { AntidoteClient, remove, ServerError } from '@guaita/antidote';
import type { Link, LinkListener, LinkMessage } from '@guaita/cluster';
import type { Id } from '@guaita/model';
import type { Logger } from 'pino';
import { BelievedStore, UnbelievableReadError } from '../antidote/believed-store.ts';
import { Complaints } from '../antidote/complaints.ts';
import { IntentShards } from '../antidote/intent-shards.ts';
import { Layout, NAMESPACE } from '../antidote/layout.ts';
import { ANTIDOTE_PACE, type AntidotePace } from '../antidote/pace.ts';
import { OwnPart } from '../antidote/own-part.ts';
import { PeerReader } from '../antidote/peer-reader.ts';
import { Sleeper } from '../antidote/sleeper.ts';
import { TroubleReport } from '../antidote/trouble-report.ts';

/** A server that stays unfit to be believed is left for the next after so many reads. */
const UNFIT_READS = 3;

/** A goodbye is worth this long a wait, and no longer. */
const GOODBYE_ms = 1_000;

interface Keeper {
  start(): void;
  stop(): Promise<void>;
}

export interface AntidoteLinkOptions {
  readonly monitor: Id;
  /** `host:port` of one server of this site's data centre, or of several: the next is taken when one fails. */
  readonly addresses: readonly [string, ...string[]];
  /** As in `ClientOptions`. */
  readonly isWanted?: ((node: string) => boolean) | undefined;
  /** What looks after the server; it lives as long as the link. */
  readonly keepers?: readonly Keeper[];
  readonly log: Logger;
  /** Where in AntidoteDB all stands. Default `guaita`; who shares a server with another mesh gives another. */
  readonly namespace?: string;
  readonly pace?: Partial<AntidotePace>;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  /** Told of trouble that lasts, with what to do, and `undefined` when it is over; not at each attempt. */
  readonly onTrouble?: (problem: string | undefined) => void;
}

/**
 * The replicated state in AntidoteDB: between sites, and durable. Each monitor writes its own part when it changes, and
 * a beat every minute; all poll what is small, and read what moved.
 *
 * Nothing that AntidoteDB does or leaves undone may delete anything here: a read without the sentinel is a failed read,
 * what is missing or old is passed over, and what should stand there and does not is written again.
 */
export class AntidoteLink implements Link {
  readonly name: Id = 'antidote';
  readonly #options: AntidoteLinkOptions;
  readonly #pace: AntidotePace;
  readonly #random: () => number;
  readonly #client: AntidoteClient;
  readonly #store: BelievedStore;
  readonly #own: OwnPart;
  readonly #peers: PeerReader;
  readonly #intents: IntentShards;
  readonly #sleeper = new Sleeper();
  readonly #stop = new AbortController();
  #listener: LinkListener | undefined;
  #running: Promise<void> | undefined;
  #server: string | undefined;
  #believed = false;
  #unfit = 0;
  /** What was said of it since the last read that was believed. */
  readonly #saidTroubles = new Set<'away' | 'unfit'>();
  #poll_ms = -Infinity;
  #polled_ms = -Infinity;
  #write_ms = -Infinity;
  #busyUntil_ms = -Infinity;
  #root: string | undefined;
  #rootGone_ms: number | undefined;
  #forgotten: readonly Id[] = [];
  #unlisted_ms = -Infinity;
  #saidRefusal = false;
  readonly #report: TroubleReport;

  /** @throws {TypeError} when an address is none. */
  constructor(options: AntidoteLinkOptions) {
    this.#options = options;
    const { monitor, addresses, isWanted, log, random = Math.random, onTrouble = () => {} } = options;
    this.#report = new TroubleReport(onTrouble);
    this.#pace = { ...ANTIDOTE_PACE, ...options.pace };
    this.#random = random;
    this.#client = new AntidoteClient({
      ...{ addresses, random, ...(isWanted === undefined ? {} : { isWanted }) },
      onConnected: (server) => this.#noteServer(server),
      onDisconnected: (reason) => this.#fail(reason),
    });
    this.#store = new BelievedStore(this.#client, new Layout(options.namespace ?? NAMESPACE));
    const complaints = new Complaints(log);
    this.#own = new OwnPart(monitor, this.#store, this.#pace);
    this.#peers = new PeerReader(monitor, this.#store, complaints, this.#own.isOwn, this.#pace);
    this.#intents = new IntentShards(this.#store, complaints, randomUUID, () => !this.#peers.hearsLiving);
  }

  async start(listener: LinkListener, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#listener = listener;
    signal.addEventListener('abort', () => this.#stop.abort(signal.reason), { once: true, signal: this.#stop.signal });
    this.#client.start();
    for (const keeper of this.#options.keepers ?? []) keeper.start();
    this.#running = this.#run(listener);
  }

  say(message: LinkMessage): void {
    const { monitor } = this.#options;
    switch (message.kind) {
      case 'header':
        if (message.monitor === monitor) this.#own.sayHeader(message.header);
        break;
      case 'bucket':
        if (message.monitor === monitor) this.#own.sayBucket(message.bucket, message.content);
        break;
      case 'offline':
        if (message.monitor === monitor) this.#own.sayGoodbye(message.incarnation, message.session);
        break;
      case 'intents':
        this.#intents.say(message.bucket, message.intents);
        break;
      case 'wants':
        // The peer need not be asked: what it wrote stands there.
        this.#peers.want(message.peer, message.versions);
        if (message.intents !== undefined) this.#intents.want(message.intents);
        this.#poll_ms = Math.min(this.#poll_ms, this.#polled_ms + this.#pace.busyPoll_ms);
        break;
      case 'life':
        break;
    }
    this.#sleeper.wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (this.#believed) {
      // Who cannot be told finds out by our silence.
      await this.#own.writeGoodbye(performance.now(), AbortSignal.timeout(GOODBYE_ms)).catch(() => undefined);
    }
    await Promise.all([this.#client, ...(this.#options.keepers ?? [])].map((each) => each.stop()));
  }

  async #run(listener: LinkListener): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (performance.now() >= this.#poll_ms) await this.#poll(listener, signal);
        if (this.#believed && performance.now() >= this.#write_ms) await this.#exchange(listener, signal);
      } catch (error) {
        // What stop() breaks off is no failure: there is still a goodbye to be said.
        if (!signal.aborted) this.#fail(error as Error);
      }
      if (this.#believed && !this.#saidRefusal) this.#report.well(performance.now());
      await this.#sleeper.sleep(() => this.#dueAt_ms(), signal);
    }
  }

  async #poll(listener: LinkListener, signal: AbortSignal): Promise<void> {
    this.#polled_ms = performance.now();
    // Should it fail, it is tried again soon.
    this.#poll_ms = performance.now() + this.#jittered(this.#pace.busyPoll_ms);
    const { news, own, monitors, forgotten, intents } = await this.#peers.poll(listener, signal);
    this.#own.note(own, monitors);
    if (news || intents !== this.#root) this.#busyUntil_ms = performance.now() + this.#pace.busy_ms;
    this.#forgotten = forgotten;
    this.#noteRoot(intents);
    this.#unfit = 0;
    const { poll_ms, busyPoll_ms } = this.#pace;
    const now_ms = performance.now();
    this.#poll_ms = now_ms + this.#jittered(now_ms < this.#busyUntil_ms ? busyPoll_ms : poll_ms);
    if (this.#believed) return;
    this.#believed = true;
    this.#saidTroubles.clear();
    this.#options.log.info('the replicated state goes over AntidoteDB too');
    listener.connected(true);
  }

  /**
   * Where intents stood and none stand now, a part of the server may not have read its log yet: all of them are only
   * written again when that lasts.
   */
  #noteRoot(root: string): void {
    const now_ms = performance.now();
    const isGone = root === '' && this.#root !== undefined && this.#root !== '';
    this.#rootGone_ms = isGone ? (this.#rootGone_ms ?? now_ms + this.#jittered(this.#pace.repair_ms)) : undefined;
    if (this.#rootGone_ms === undefined || now_ms >= this.#rootGone_ms) this.#root = root;
  }

  #noteServer(server: string): void {
    if (server !== this.#server) this.#peers.gap();
    this.#server = server;
  }

  async #exchange(listener: LinkListener, signal: AbortSignal): Promise<void> {
    const now_ms = performance.now();
    this.#write_ms = now_ms + this.#pace.write_ms;
    if (this.#own.hasNews || this.#intents.hasNews) this.#busyUntil_ms = now_ms + this.#pace.busy_ms;
    this.#peers.forget(this.#intents.forgotten);
    let isRefused = false;
    for (const step of [
      () => this.#own.flush(now_ms, signal),
      () => this.#exchangeIntents(listener, signal),
      () => this.#unlist(now_ms, signal),
    ]) {
      try {
        await step();
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        this.#noteRefusal(error);
        isRefused = true;
      }
    }
    this.#saidRefusal = isRefused;
  }

  async #exchangeIntents(listener: LinkListener, signal: AbortSignal): Promise<void> {
    if (this.#root === undefined || this.#rootGone_ms !== undefined) return;
    await this.#intents.exchange(this.#root, listener, signal);
  }

  async #unlist(now_ms: number, signal: AbortSignal): Promise<void> {
    if (this.#forgotten.length === 0 || now_ms < this.#unlisted_ms + this.#pace.repair_ms) return;
    this.#unlisted_ms = now_ms;
    await this.#store.write([remove(this.#store.layout.monitors, ...this.#forgotten)], signal);
  }

  /** The server answers that it cannot: it is asked again later, and what else goes over it goes on. */
  #noteRefusal(error: ServerError): void {
    this.#write_ms = performance.now() + this.#jittered(this.#pace.busyPoll_ms);
    if (!this.#saidRefusal) this.#options.log.warn({ err: error }, `AntidoteDB: ${error.message}`);
    this.#saidRefusal = true;
    this.#report.wrong('refused', `AntidoteDB (${this.#place}) does not take all: ${error.message}`, performance.now());
  }

  /** Reads are not to be believed from here on, until one is. */
  #fail(error: Error): void {
    if (this.#believed) {
      this.#believed = false;
      this.#listener?.connected(false);
    }
    if (this.#stop.signal.aborted) return;
    const trouble = error instanceof UnbelievableReadError ? 'unfit' : 'away';
    if (!this.#saidTroubles.has(trouble)) {
      this.#saidTroubles.add(trouble);
      this.#options.log.warn({ err: error }, `nothing goes over AntidoteDB: ${error.message}`);
    }
    const mend = trouble === 'away' ? '; look at it and at the way to it: guaita doctor' : '';
    this.#report.wrong(
      trouble,
      `nothing goes over AntidoteDB (${this.#place}): ${error.message}${mend}`,
      performance.now(),
    );
    if (trouble === 'away') return;
    this.#unfit += 1;
    if (this.#unfit < UNFIT_READS || this.#options.addresses.length === 1) return;
    this.#unfit = 0;
    this.#client.reconnect(error.message);
  }

  /** Which server, or those that are tried. */
  get #place(): string {
    return this.#server ?? this.#options.addresses.join(', ');
  }

  #jittered(pause_ms: number): number {
    return pause_ms * (0.9 + 0.2 * this.#random());
  }

  /** When there is something to do: the next poll, or something to write that has waited for more of its kind. */
  #dueAt_ms(): number {
    const hasNews = this.#believed && (this.#own.hasNews || this.#intents.hasNews);
    return hasNews ? Math.min(this.#poll_ms, this.#write_ms) : this.#poll_ms;
  }
}
