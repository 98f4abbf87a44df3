import { Readable } from 'node:stream';
import { KeyValueLog } from './key-value-log.ts';
import { KeptSessions } from './kept-sessions.ts';
import { ReceivedPackets } from './received-packets.ts';
import { RetainedMessages } from './retained-messages.ts';
import { StoredSession, type KeptSubscription } from './sessions.ts';
import { queuedKey, retainedKey, sessionKey, willKey } from './state-keys.ts';
import { keep, lasts, restore, store, StoredPacket, type Packet } from './stored-packet.ts';

/** As much of Aedes' client as its persistence is given. */
interface ClientLike {
  readonly id: string;
  readonly sessionExpiryInterval?: number;
}

/** A client that has connected, or gone. */
export interface Presence {
  readonly id: string;
  /** `undefined` for an anonymous client. */
  readonly user: string | undefined;
  /** What is published should the broker be killed before the client says goodbye. */
  readonly will: Packet | undefined;
  /** Its session ends with its connection. */
  readonly clean: boolean;
}

/** How often what has expired is looked for. */
const SWEEP_ms = 60_000;

/**
 * What Aedes calls a persistence: retained messages, kept sessions, wills. In memory, and kept on disk by a
 * `KeyValueLog`. (Of the packages that Aedes offers, those that keep anything on disk need a database beside it or a
 * native module, and speak to Aedes 1.)
 */
export class BrokerState {
  readonly #log: KeyValueLog;
  readonly #report: (problem: string) => void;
  readonly #retained: RetainedMessages;
  readonly #sessions: KeptSessions;
  readonly #received = new ReceivedPackets();
  /** What Aedes puts here is for other brokers of a cluster; it publishes a will from what it has in memory. */
  readonly #wills = new Map<string, Packet & { brokerId?: string; clientId?: string }>();
  /** The wills of those who are connected, for the next start should this process be killed. */
  readonly #lastWills = new Map<string, Packet>();
  #brokerId = '';
  #sweeper: NodeJS.Timeout | undefined;
  #stopping = false;

  /** @param away_max how many sessions it keeps for clients that are away. */
  constructor(path: string, report: (problem: string) => void, away_max: number) {
    this.#report = report;
    this.#log = new KeyValueLog(path, { value: (key) => this.#value(key), entries: () => this.#entries() }, report);
    const touch = (key: string): void => this.#log.touch(key);
    this.#retained = new RetainedMessages(touch);
    this.#sessions = new KeptSessions({ away_max, touch, report });
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

  /** Publishes the wills of those who were connected when this broker was killed, before anybody connects again. */
  async publishLastWills(publish: (will: Packet) => Promise<void>): Promise<void> {
    for (const [id, will] of this.#lastWills) {
      await publish(will);
      this.#lastWills.delete(id);
      this.#log.touch(willKey(id));
    }
  }

  /** Writes everything. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#stopping = true;
    await this.#log.close();
  }

  /** Whose session is kept under a client id; a session without a user is an anonymous client's. */
  keptFor(clientId: string): { readonly user: string | undefined } | undefined {
    return this.#sessions.get(clientId);
  }

  /** A client has connected. */
  came({ id, user, will }: Presence): void {
    this.#sessions.came(id, user);
    if (will !== undefined) this.#lastWills.set(id, keep(will));
    if (will !== undefined || this.#lastWills.delete(id)) this.#log.touch(willKey(id));
  }

  /** A client is gone, and its will, if it was due, is published. */
  left({ id, clean }: Presence): void {
    this.#sessions.left(id, performance.now());
    if (clean) this.#received.forget(id);
    if (this.#lastWills.delete(id)) this.#log.touch(willKey(id));
  }

  async setup(broker: { readonly id: string }): Promise<void> {
    this.#brokerId = broker.id;
  }

  async storeRetained(packet: Packet): Promise<void> {
    this.#retained.store(packet);
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#retained.under(filters));
  }

  async addSubscriptions(client: ClientLike, subscriptions: readonly KeptSubscription[]): Promise<void> {
    this.#sessions.subscribe(client.id, client.sessionExpiryInterval, subscriptions);
  }

  async removeSubscriptions(client: ClientLike, filters: readonly string[]): Promise<void> {
    this.#sessions.unsubscribe(client.id, filters);
  }

  async subscriptionsByClient(client: ClientLike): Promise<KeptSubscription[]> {
    return this.#sessions.get(client.id)?.subscriptions ?? [];
  }

  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    const subscriptions = [...this.#sessions.entries()].flatMap(([, session]) => session.subscriptions);
    return { subsCount: subscriptions.length, clientsCount: this.#sessions.size };
  }

  async subscriptionsByTopic(topic: string): Promise<{ clientId: string; topic: string; qos: number; nl: boolean }[]> {
    const wanting = [...this.#sessions.entries()].map(([clientId, session]) => ({
      clientId,
      topic,
      ...session.wants(topic),
    }));
    return wanting.filter(({ qos }) => qos > 0);
  }

  async cleanSubscriptions(client: ClientLike): Promise<void> {
    this.#sessions.end(client.id);
    this.#received.forget(client.id);
  }

  async outgoingEnqueue(
    { clientId, nl = false }: { readonly clientId: string; readonly nl?: boolean },
    packet: Packet,
  ): Promise<void> {
    if (nl && packet.clientId === clientId) return;
    this.#sessions.enqueue(clientId, packet);
  }

  async outgoingEnqueueCombi(
    subscriptions: readonly { readonly clientId: string; readonly nl?: boolean }[],
    packet: Packet,
  ): Promise<void> {
    for (const subscription of subscriptions) await this.outgoingEnqueue(subscription, packet);
  }

  async outgoingUpdate(client: ClientLike, packet: Packet): Promise<void> {
    this.#sessions.get(client.id)?.update(packet);
  }

  async outgoingClearMessageId(client: ClientLike, packet: Packet): Promise<Packet | undefined> {
    return this.#sessions.acknowledge(client.id, packet.messageId);
  }

  outgoingStream(client: ClientLike): Readable {
    return Readable.from([...(this.#sessions.get(client.id)?.queue.values() ?? [])]);
  }

  async incomingStorePacket(client: ClientLike, packet: Packet & { messageId: number }): Promise<void> {
    this.#received.store(client.id, packet);
  }

  async incomingGetPacket(client: ClientLike, { messageId }: { readonly messageId: number }): Promise<Packet> {
    const packet = this.#received.get(client.id, messageId);
    if (packet === undefined) throw new Error(`client ${client.id} has sent no packet ${messageId}`);
    return packet;
  }

  async incomingDelPacket(client: ClientLike, { messageId }: { readonly messageId: number }): Promise<void> {
    this.#received.delete(client.id, messageId);
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
    const having = [...this.#sessions.entries()].filter(([, session]) =>
      session.subscriptions.some(({ topic }) => topic === filter),
    );
    return Readable.from(having.map(([clientId]) => clientId));
  }

  #sweep(): void {
    this.#retained.expire(Date.now());
    this.#sessions.expire(performance.now(), Date.now());
  }

  #restore(key: string, value: unknown): void {
    const [kind, name = '', message = ''] = JSON.parse(key) as string[];
    if (kind === 'retained') this.#retained.restore(restore(StoredPacket.parse(value)));
    else if (kind === 'will') this.#lastWills.set(name, restore(StoredPacket.parse(value)));
    else if (kind === 'session') this.#sessions.restore(name, StoredSession.parse(value), performance.now());
    else if (kind === 'queued' && message !== '') {
      this.#sessions.get(name)?.enqueue(restore(StoredPacket.parse(value)));
    } else throw new Error('it is of no known kind');
  }

  #value(key: string): unknown {
    const [kind, name = '', message = ''] = JSON.parse(key) as string[];
    if (kind === 'will') return stored(this.#lastWills.get(name));
    if (kind === 'retained') {
      const packet = this.#retained.get(name);
      return packet !== undefined && lasts(packet) ? store(packet) : undefined;
    }
    const session = this.#sessions.get(name);
    if (kind === 'session') return session?.stored;
    const packet = session?.queue.get(message);
    return packet?.cmd === 'publish' ? store(packet) : undefined;
  }

  *#entries(): Generator<readonly [string, unknown]> {
    for (const packet of this.#retained.all()) {
      if (this.#stopping || lasts(packet)) yield [retainedKey(packet.topic), store(packet)];
    }
    for (const [clientId, will] of this.#lastWills) yield [willKey(clientId), store(will)];
    for (const [clientId, session] of this.#sessions.entries()) {
      yield [sessionKey(clientId), session.stored];
      for (const [message, packet] of session.queue) {
        if (packet.cmd === 'publish') yield [queuedKey(clientId, message), store(packet)];
      }
    }
  }
}

function stored(packet: Packet | undefined): StoredPacket | undefined {
  return packet === undefined ? undefined : store(packet);
}
