import { KeptSession, KeptSubscription, type StoredSession } from './sessions.ts';
import { queuedKey, sessionKey } from './state-keys.ts';
import { keep, type Packet } from './stored-packet.ts';

export interface KeptSessionsOptions {
  /** Sessions whose client is away, at most; the next one to leave finds nothing kept. */
  readonly away_max: number;
  /** Told the key of what is to be written to disk. */
  readonly touch: (key: string) => void;
  readonly report: (problem: string) => void;
}

/** Seconds, in MQTT 5 §3.1.2.11.2, that mean: for ever. */
const FOREVER_s = 0xffff_ffff;

/** The sessions of all clients that want theirs kept. Time is monotonic and passed in. */
export class KeptSessions {
  readonly #sessions = new Map<string, KeptSession>();
  /** Under which user each client is connected; `undefined` for an anonymous one. */
  readonly #connected = new Map<string, string | undefined>();
  readonly #options: KeptSessionsOptions;

  constructor(options: KeptSessionsOptions) {
    this.#options = options;
  }

  /** How many sessions are kept, those of connected clients too. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The session that is kept under a client id. */
  get(clientId: string): KeptSession | undefined {
    return this.#sessions.get(clientId);
  }

  /** Each session with its client id. */
  entries(): Iterable<readonly [string, KeptSession]> {
    return this.#sessions;
  }

  /** A client has connected. */
  came(clientId: string, user: string | undefined): void {
    this.#connected.set(clientId, user);
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    session.away_ms = undefined;
    if (session.user === user) return;
    session.user = user;
    this.#options.touch(sessionKey(clientId));
  }

  /** A client is gone. */
  left(clientId: string, now_ms: number): void {
    this.#connected.delete(clientId);
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    session.away_ms = now_ms;
    const away = [...this.#sessions.values()].filter(({ away_ms }) => away_ms !== undefined).length;
    if (away <= this.#options.away_max) return;
    this.#options.report(`${away - 1} sessions of clients that are away are kept: that of client ${clientId} is not`);
    this.end(clientId);
  }

  /** A client wants its session kept, with these subscriptions beside those that it has; for ever without `expiry_s`. */
  subscribe(clientId: string, expiry_s: number | undefined, subscriptions: readonly KeptSubscription[]): void {
    const session = this.#sessions.get(clientId) ?? new KeptSession(FOREVER_s);
    session.expiry_s = expiry_s ?? FOREVER_s;
    session.user = this.#connected.get(clientId);
    for (const subscription of subscriptions) session.subscribe(KeptSubscription.parse(subscription));
    this.#sessions.set(clientId, session);
    this.#options.touch(sessionKey(clientId));
  }

  /** A client gives filters up; its session is kept all the same. */
  unsubscribe(clientId: string, filters: readonly string[]): void {
    for (const filter of filters) this.#sessions.get(clientId)?.unsubscribe(filter);
    this.#options.touch(sessionKey(clientId));
  }

  /** Puts a message into the queue of a kept session; one that finds it full is lost, which is reported once. */
  enqueue(clientId: string, packet: Packet): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    const key = session.enqueue(keep(packet));
    if (key !== undefined) this.#options.touch(queuedKey(clientId, key));
    else if (session.dropped === 1)
      this.#options.report(`the queue of client ${clientId} is full: it loses messages until it is back`);
  }

  /** A client has what was sent to it under a packet id. Gives that message. */
  acknowledge(clientId: string, messageId: number | undefined): Packet | undefined {
    const cleared = this.#sessions.get(clientId)?.acknowledge(messageId);
    if (cleared !== undefined) this.#options.touch(queuedKey(clientId, cleared.key));
    return cleared?.packet;
  }

  /** A session ends, by its expiry or because its client starts afresh: its queue goes with it. */
  end(clientId: string): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    this.#sessions.delete(clientId);
    this.#options.touch(sessionKey(clientId));
    for (const key of session.queue.keys()) this.#options.touch(queuedKey(clientId, key));
  }

  /**
   * Ends the sessions that have expired: Aedes does so itself only for clients of MQTT 5 that left since it was started.
   * In those whose client is away, takes out the messages that have: a queue that fills up with them has no room for
   * what is still true.
   *
   * @param epoch_ms the time in milliseconds since 1970, by which messages expire.
   */
  expire(now_ms: number, epoch_ms: number): void {
    for (const [clientId, session] of this.#sessions) {
      const { away_ms, expiry_s } = session;
      if (away_ms === undefined) continue;
      if (expiry_s !== FOREVER_s && now_ms - away_ms > expiry_s * 1000) this.end(clientId);
      else for (const key of session.expire(epoch_ms)) this.#options.touch(queuedKey(clientId, key));
    }
  }

  /** Puts back what was kept. */
  restore(clientId: string, { expiry_s, user, subscriptions }: StoredSession, now_ms: number): void {
    const session = new KeptSession(expiry_s, now_ms);
    session.user = user;
    for (const subscription of subscriptions) session.subscribe(subscription);
    this.#sessions.set(clientId, session);
  }
}
