import { Readable } from 'node:stream';
import { compileFilter } from '@guaita/bus';
import { z } from 'zod';
import { KeyValueLog } from './key-value-log.ts';
import { KeptSession, KeptSubscription } from './sessions.ts';
import { queuedKey, retainedKey, sessionKey } from './state-keys.ts';
import { keep, lasts, restore, store, StoredPacket, type Packet } from './stored-packet.ts';

/** As much of Aedes' client as its persistence is given. */
interface ClientLike {
  readonly id: string;
  readonly sessionExpiryInterval?: number;
}

const StoredSession = z.object({ expiry_s: z.number(), subscriptions: z.array(KeptSubscription) });

/** How often what has expired is looked for. */
const SWEEP_ms = 60_000;

/** Seconds, in MQTT 5 §3.1.2.11.2, that mean: for ever. */
const FOREVER_s = 0xffff_ffff;

/**
 * What Aedes calls a persistence: retained messages, kept sessions, wills. In memory, and kept on disk by a
 * `KeyValueLog`. (Of the packages that Aedes offers, those that keep anything on disk need a database beside it or a
 * native module, and speak to Aedes 1.)
 */
export class BrokerState {
  readonly #log: KeyValueLog;
  readonly #report: (problem: string) => void;
  readonly #retained = new Map<string, Packet>();
  readonly #sessions = new Map<string, KeptSession>();
  readonly #incoming = new Map<string, Map<number, Packet>>();
  readonly #wills = new Map<string, Packet & { brokerId?: string; clientId?: string }>();
  #brokerId = '';
  #sweeper: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(path: string, report: (problem: string) => void) {
    this.#report = report;
    this.#log = new KeyValueLog(path, { value: (key) => this.#value(key), entries: () => this.#entries() }, report);
  }

  /** Reads what was kept. */
  async open(): Promise<void> {
    const kept = [...(await this.#log.read())];
    // A queue can only be put back into its session.
    const isQueued = ([key]: (typeof kept)[number]): boolean => key.startsWith('["queued"');
    for (const [key, value] of [...kept.filter((entry) => !isQueued(entry)), ...kept.filter(isQueued)]) {
      try {
        this.#restore(key, value);
      } catch (error) {
        this.#report(`the kept ${JSON.stringify(key)} is not usable and left out: ${String(error)}`);
      }
    }
    this.#sweep();
    await this.#log.open();
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_ms).unref();
  }

  /** Writes everything. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#stopping = true;
    await this.#log.close();
  }

  async setup(broker: { readonly id: string }): Promise<void> {
    this.#brokerId = broker.id;
  }

  async storeRetained(packet: Packet): Promise<void> {
    const known = this.#retained.get(packet.topic);
    if (packet.payload.length === 0) this.#retained.delete(packet.topic);
    else this.#retained.set(packet.topic, keep(packet));
    if (lasts(packet) || (known !== undefined && lasts(known))) this.#log.touch(retainedKey(packet.topic));
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(filters.flatMap((filter) => this.#retainedUnder(filter)));
  }

  async addSubscriptions(client: ClientLike, subscriptions: readonly KeptSubscription[]): Promise<void> {
    const session = this.#sessions.get(client.id) ?? new KeptSession(FOREVER_s);
    session.expiry_s = client.sessionExpiryInterval ?? FOREVER_s;
    for (const subscription of subscriptions) session.subscribe(KeptSubscription.parse(subscription));
    this.#sessions.set(client.id, session);
    this.#log.touch(sessionKey(client.id));
  }

  async removeSubscriptions(client: ClientLike, filters: readonly string[]): Promise<void> {
    for (const filter of filters) this.#sessions.get(client.id)?.unsubscribe(filter);
    this.#log.touch(sessionKey(client.id));
  }

  async subscriptionsByClient(client: ClientLike): Promise<KeptSubscription[]> {
    const session = this.#sessions.get(client.id);
    if (session === undefined) return [];
    session.restored_ms = undefined;
    return session.subscriptions;
  }

  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    const sessions = [...this.#sessions.values()];
    return { subsCount: sessions.flatMap(({ subscriptions }) => subscriptions).length, clientsCount: sessions.length };
  }

  async subscriptionsByTopic(topic: string): Promise<{ clientId: string; topic: string; qos: number }[]> {
    const wanting = [...this.#sessions].map(([clientId, session]) => ({ clientId, topic, qos: session.wants(topic) }));
    return wanting.filter(({ qos }) => qos > 0);
  }

  /** A session ends, by its expiry or because its client starts afresh: its queue goes with it. */
  async cleanSubscriptions(client: ClientLike): Promise<void> {
    const session = this.#sessions.get(client.id);
    if (session === undefined) return;
    this.#sessions.delete(client.id);
    this.#log.touch(sessionKey(client.id));
    for (const key of session.queue.keys()) this.#log.touch(queuedKey(client.id, key));
  }

  async outgoingEnqueue(subscription: { readonly clientId: string }, packet: Packet): Promise<void> {
    const { clientId } = subscription;
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    const key = session.enqueue(keep(packet));
    if (key !== undefined) this.#log.touch(queuedKey(clientId, key));
    else if (session.dropped === 1)
      this.#report(`the queue of client ${clientId} is full: it loses messages until it is back`);
  }

  async outgoingEnqueueCombi(subscriptions: readonly { readonly clientId: string }[], packet: Packet): Promise<void> {
    for (const subscription of subscriptions) await this.outgoingEnqueue(subscription, packet);
  }

  async outgoingUpdate(client: ClientLike, packet: Packet): Promise<void> {
    this.#sessions.get(client.id)?.update(packet);
  }

  async outgoingClearMessageId(client: ClientLike, packet: Packet): Promise<Packet | undefined> {
    const cleared = this.#sessions.get(client.id)?.acknowledge(packet.messageId);
    if (cleared !== undefined) this.#log.touch(queuedKey(client.id, cleared.key));
    return cleared?.packet;
  }

  outgoingStream(client: ClientLike): Readable {
    return Readable.from([...(this.#sessions.get(client.id)?.queue.values() ?? [])]);
  }

  async incomingStorePacket(client: ClientLike, packet: Packet & { messageId: number }): Promise<void> {
    const packets = this.#incoming.get(client.id) ?? new Map<number, Packet>();
    packets.set(packet.messageId, { ...packet });
    this.#incoming.set(client.id, packets);
  }

  async incomingGetPacket(client: ClientLike, { messageId }: { readonly messageId: number }): Promise<Packet> {
    const packet = this.#incoming.get(client.id)?.get(messageId);
    if (packet === undefined) throw new Error(`client ${client.id} has sent no packet ${messageId}`);
    return packet;
  }

  async incomingDelPacket(client: ClientLike, { messageId }: { readonly messageId: number }): Promise<void> {
    const packets = this.#incoming.get(client.id);
    packets?.delete(messageId);
    if (packets?.size === 0) this.#incoming.delete(client.id);
  }

  async putWill(client: ClientLike, packet: Packet): Promise<void> {
    this.#wills.set(client.id, Object.assign(packet, { brokerId: this.#brokerId, clientId: client.id }));
  }

  async getWill(client: ClientLike): Promise<Packet | undefined> {
    return this.#wills.get(client.id);
  }

  async delWill(client: ClientLike): Promise<Packet | undefined> {
    const will = this.#wills.get(client.id);
    this.#wills.delete(client.id);
    return will;
  }

  streamWill(brokers: Readonly<Record<string, unknown>> = {}): Readable {
    return Readable.from([...this.#wills.values()].filter(({ brokerId = '' }) => brokers[brokerId] === undefined));
  }

  getClientList(filter: string): Readable {
    const having = [...this.#sessions].filter(([, session]) =>
      session.subscriptions.some(({ topic }) => topic === filter),
    );
    return Readable.from(having.map(([clientId]) => clientId));
  }

  #retainedUnder(filter: string): Packet[] {
    if (!/[+#]/.test(filter)) {
      const packet = this.#retained.get(filter);
      return packet === undefined ? [] : [packet];
    }
    const matches = compileFilter(filter);
    return [...this.#retained.values()].filter(({ topic }) => matches(topic));
  }

  /** Forgets what has expired: retained messages, and sessions whose client never came back after a restart. */
  #sweep(): void {
    const now_ms = Date.now();
    for (const packet of this.#retained.values()) {
      if ((packet.messageExpiry ?? Infinity) <= now_ms)
        void this.storeRetained({ ...packet, payload: Buffer.alloc(0) });
    }
    for (const [id, { restored_ms, expiry_s }] of this.#sessions) {
      if (restored_ms === undefined || expiry_s === FOREVER_s) continue;
      if (performance.now() - restored_ms > expiry_s * 1000) void this.cleanSubscriptions({ id });
    }
  }

  #restore(key: string, value: unknown): void {
    const [kind, clientId = '', message = ''] = JSON.parse(key) as string[];
    if (kind === 'retained') {
      const packet = restore(StoredPacket.parse(value));
      this.#retained.set(packet.topic, packet);
    } else if (kind === 'session') {
      const { expiry_s, subscriptions } = StoredSession.parse(value);
      const session = new KeptSession(expiry_s, performance.now());
      for (const subscription of subscriptions) session.subscribe(subscription);
      this.#sessions.set(clientId, session);
    } else if (kind === 'queued' && message !== '') {
      this.#sessions.get(clientId)?.enqueue(restore(StoredPacket.parse(value)));
    } else throw new Error('it is of no known kind');
  }

  #value(key: string): unknown {
    const [kind, name = '', message = ''] = JSON.parse(key) as string[];
    if (kind === 'retained') {
      const packet = this.#retained.get(name);
      return packet !== undefined && lasts(packet) ? store(packet) : undefined;
    }
    const session = this.#sessions.get(name);
    if (session === undefined) return undefined;
    if (kind === 'session') return { expiry_s: session.expiry_s, subscriptions: session.subscriptions };
    const packet = session.queue.get(message);
    return packet === undefined || packet.cmd !== 'publish' ? undefined : store(packet);
  }

  *#entries(): Generator<readonly [string, unknown]> {
    for (const [topic, packet] of this.#retained) {
      if (this.#stopping || lasts(packet)) yield [retainedKey(topic), store(packet)];
    }
    for (const [clientId, session] of this.#sessions) {
      yield [sessionKey(clientId), this.#value(sessionKey(clientId))];
      for (const [message, packet] of session.queue) {
        if (packet.cmd === 'publish') yield [queuedKey(clientId, message), store(packet)];
      }
    }
  }
}
