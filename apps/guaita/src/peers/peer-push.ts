import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from '@guaita/bus';
import type { Id } from '@guaita/model';
import { Peer, type PeerLog } from './peer.ts';
import { Subtree } from './subtree.ts';

export interface PeerPushOptions {
  readonly monitor: Id;
  /** The topic under which all others stand. */
  readonly base: string;
  /** To the broker of this host; started and stopped here. */
  readonly own: Bus;
  /** To each peer's broker, by the peer's name; started and stopped here. See `connectPeer`. */
  readonly peers: ReadonlyMap<string, Bus>;
  readonly log: PeerLog;
}

/** The services say goodbye right before; after that it comes at once, or the broker of this host is gone too. */
const GOODBYE_ms = 500;

/**
 * Pushes what this monitor says to all to the brokers of its peers, as the bridges of Mosquittos do: three machines
 * with embedded brokers form a site with nothing else installed. Each monitor pushes its own subtree only, and what was
 * pushed is never pushed on.
 *
 * Its connections bear no will. A dead path is not a dead monitor: a will that the peer's broker sends when only the
 * connection breaks would end a session that lives on, and silence tells of a death within three seconds anyway.
 */
export class PeerPush {
  readonly #options: PeerPushOptions;
  readonly #subtree: Subtree;
  readonly #peers: readonly Peer[];
  readonly #stopping = new AbortController();
  #isOnline = false;
  /** Told when the monitor goes offline. */
  #offline: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: PeerPushOptions) {
    const { base, monitor, peers, own, log } = options;
    this.#options = options;
    this.#subtree = new Subtree(base, monitor);
    this.#peers = [...peers].map(([name, bus]) => new Peer({ name, bus, own, subtree: this.#subtree, log }));
  }

  /**
   * Resolves when this host's broker is connected; peers come and go.
   *
   * @throws {BusError} when this host's broker refuses us, or the signal aborts.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { own } = this.#options;
    await own.subscribe(this.#subtree.filter, (message) => {
      const state = this.#subtree.stateIn(message);
      if (state !== undefined) this.#isOnline = state === 'online';
      // What is stored each peer asks for itself, when it is there.
      const pushed = message.retain ? undefined : this.#subtree.pushed(message);
      if (pushed !== undefined) for (const peer of this.#peers) peer.push(pushed);
      if (state === 'offline') this.#offline?.();
    });
    await own.start(signal);
    for (const peer of this.#peers) peer.start(this.#stopping.signal);
  }

  /**
   * Pushes the monitor's goodbye, where it has said it, and ends: to be stopped after the services. Takes some seconds at
   * most, whatever the peers' brokers and this host's do.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    if (this.#isOnline && this.#options.own.connected) {
      const goodbye = new Promise<void>((resolve) => (this.#offline = resolve));
      await Promise.race([goodbye, pause(GOODBYE_ms, undefined, { ref: false })]);
    }
    this.#stopping.abort();
    await Promise.all(this.#peers.map((peer) => peer.stop()));
    await this.#options.own.stop();
  }
}
