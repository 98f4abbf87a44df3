import { BusError, type Bus, type OutgoingMessage } from '@guaita/bus';
import type { Subtree } from './subtree.ts';

export interface PeerLog {
  info(message: string): void;
  warn(message: string): void;
}

export interface PeerOptions {
  /** For people. */
  readonly name: string;
  /** To the peer's broker: patient, and without a memory of what was said (`stateLimit: 0`): it is asked for anew. */
  readonly bus: Bus;
  /** To the broker of this host. */
  readonly own: Bus;
  readonly subtree: Subtree;
  readonly log: PeerLog;
}

/** How long a peer's broker may take to read what waits for it when we go. */
const STOP_ms = 1_000;

/**
 * One peer, and what goes to its broker. While it is away nothing is kept for it but which topics were cleared: when it
 * comes, this host's broker is asked for everything that it retains. So its memory is bounded by its bus's outbox,
 * whatever the peer does, and no peer is another's business.
 */
export class Peer {
  readonly #options: PeerOptions;
  readonly #gone = new AbortController();
  #endReplay: (() => Promise<void>) | undefined;
  #replaying: Promise<void> = Promise.resolve();
  #behind = false;

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  /** Connects, sooner or later. */
  start(signal: AbortSignal): void {
    const { bus, name, subtree, log } = this.#options;
    bus.onConnection((connected) => {
      log.info(`peer ${name}: ${connected ? 'connected' : 'the connection is gone'}`);
      // A header that waits speaks for a moment that is over.
      if (!connected) bus.forget(subtree.statusTopic);
      else this.#replay();
    });
    bus.start(signal).catch((error: unknown) => {
      if (!signal.aborted && !this.#gone.signal.aborted) log.warn(`peer ${name}: ${String(error)}`);
    });
  }

  /**
   * Sends what waits, the goodbye last, for as long as the peer's broker reads, at most `STOP_ms`; then says farewell to
   * it, for as long again. What this host's broker was asked for is not waited for: that may take it ten seconds, and
   * its own connection, which is stopped after all peers, ends it.
   */
  async stop(): Promise<void> {
    this.#gone.abort();
    await this.#options.bus.stop(STOP_ms);
  }

  /** Pushes a message, or leaves it to what is pushed when the peer is there. */
  push(message: OutgoingMessage): void {
    const { bus, name, log } = this.#options;
    if (this.#gone.signal.aborted || (!bus.connected && message.payload !== '')) return;
    try {
      bus.publish(message);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      if (this.#behind) return;
      this.#behind = true;
      log.warn(`peer ${name}: it takes too little, so that all is said again once it does: ${error.message}`);
      void this.#catchUp();
    }
  }

  /** Once what waits is through, says again what may be missing. */
  async #catchUp(): Promise<void> {
    const { bus, name, log } = this.#options;
    try {
      await bus.flushed(this.#gone.signal);
    } catch (error) {
      if (!this.#gone.signal.aborted) log.warn(`peer ${name}: ${String(error)}`);
      return;
    }
    this.#behind = false;
    if (bus.connected) this.#replay();
  }

  #replay(): void {
    const { name, log } = this.#options;
    this.#replaying = this.#replaying.then(async () => {
      if (this.#gone.signal.aborted) return;
      try {
        await this.#askForAll();
      } catch (error) {
        log.warn(`peer ${name}: this host’s broker does not give what it retains: ${String(error)}`);
      }
    });
  }

  /** A subscription of its own, since a broker gives what it retains to a new one. What comes live is pushed anyway. */
  async #askForAll(): Promise<void> {
    const { own, subtree } = this.#options;
    const endFormer = this.#endReplay;
    this.#endReplay = await own.subscribe(subtree.filter, (message) => {
      const pushed = message.retain ? subtree.pushed(message) : undefined;
      if (pushed !== undefined) this.push(pushed);
    });
    await endFormer?.();
  }
}
