import type { IncomingMessage, OutgoingMessage, Will } from './bus.ts';
import { compileFilter } from './topic-filter.ts';
import type { Asked, Delivery } from './subscriptions.ts';

export interface MemoryBrokerOptions {
  /** Milliseconds that never go back; by it messages expire. */
  readonly monotonic_ms?: () => number;
  /** Whether a message that matches several subscriptions of a client comes for each, as in Mosquitto, or once, as in Aedes. */
  readonly overlaps?: 'each' | 'once';
}

/** What a client does with what its broker sends; the broker's end of a connection. */
export interface MemoryLink {
  readonly clientId: string;
  readonly will: Will | undefined;
  /** 0: the session ends with the connection. */
  readonly sessionKept_s: number;
  /** @param acknowledged called once the client has it. */
  deliver(delivery: Delivery, acknowledged: () => void): void;
  broken(cause: Error): void;
}

interface Subscribed {
  readonly matches: (topic: string) => boolean;
  readonly identifier: number;
}

interface Sent {
  readonly message: OutgoingMessage;
  readonly retain: boolean;
  readonly expires_ms: number;
  readonly identifiers: readonly number[];
}

interface Session {
  readonly subscriptions: Map<string, Subscribed>;
  /** What its client has not acknowledged, in order. */
  readonly unacknowledged: Set<Sent>;
  link: MemoryLink | undefined;
  /** Monotonic time at which it is forgotten; counts while there is no link. */
  ends_ms: number;
}

/** A broker in memory: the other side of `MemoryBus`, with controls for what goes wrong in life. */
export class MemoryBroker {
  readonly #now_ms: () => number;
  readonly #overlaps: 'each' | 'once';
  readonly #sessions = new Map<string, Session>();
  readonly #retained = new Map<string, { message: OutgoingMessage; expires_ms: number }>();
  /** The clients that cannot reach it, and those who wait for that to end. */
  readonly #barred = new Map<string, PromiseWithResolvers<void>>();
  #up = Promise.withResolvers<void>();
  #available = true;

  constructor(options: MemoryBrokerOptions = {}) {
    this.#now_ms = options.monotonic_ms ?? (() => performance.now());
    this.#overlaps = options.overlaps ?? 'each';
    this.#up.resolve();
  }

  /** The retained messages as a new subscriber would get them now, by topic. */
  get retained(): ReadonlyMap<string, string> {
    const now_ms = this.#now_ms();
    const live = [...this.#retained].filter(([, { expires_ms }]) => expires_ms > now_ms);
    return new Map(live.map(([topic, { message }]) => [topic, message.payload]));
  }

  /** The ids of the clients that are connected. */
  get clients(): string[] {
    return [...this.#sessions].filter(([, { link }]) => link !== undefined).map(([clientId]) => clientId);
  }

  get available(): boolean {
    return this.#available;
  }

  /** Resolves as soon as the broker is there and a client can reach it. */
  async reachable(clientId: string): Promise<void> {
    for (;;) {
      const barred = this.#barred.get(clientId);
      if (barred !== undefined) await barred.promise;
      else if (!this.#available) await this.#up.promise;
      else return;
    }
  }

  /** Breaks a client's connection, and lets it make no other until `admit`. */
  bar(clientId: string): void {
    this.#barred.set(clientId, Promise.withResolvers());
    this.cut(clientId);
  }

  admit(clientId: string): void {
    this.#barred.get(clientId)?.resolve();
    this.#barred.delete(clientId);
  }

  /** Breaks one client's connection, or everybody's, as a failing network does: wills are sent, clients come back. */
  cut(clientId?: string): void {
    for (const [id, session] of this.#sessions) {
      if (clientId === undefined || id === clientId) this.#break(session, 'the connection was cut');
    }
  }

  /** Takes the broker away; with `forget` it comes back empty. Nobody's will is sent: there is nobody to send it. */
  stop({ forget = false } = {}): void {
    if (this.#available) this.#up = Promise.withResolvers();
    this.#available = false;
    for (const session of this.#sessions.values()) {
      const { link } = session;
      session.link = undefined;
      link?.broken(new Error('the broker went away'));
    }
    if (!forget) return;
    this.#sessions.clear();
    this.#retained.clear();
  }

  /** Brings it back. */
  start(): void {
    this.#available = true;
    this.#up.resolve();
  }

  attach(link: MemoryLink): void {
    const now_ms = this.#now_ms();
    const known = this.#sessions.get(link.clientId);
    if (known !== undefined) this.#break(known, 'another client connected with the same client id');
    const resumed = known !== undefined && link.sessionKept_s > 0 && known.ends_ms > now_ms;
    const session: Session = resumed
      ? known
      : { subscriptions: new Map(), unacknowledged: new Set(), link, ends_ms: Infinity };
    session.link = link;
    session.ends_ms = Infinity;
    this.#sessions.set(link.clientId, session);
    for (const sent of session.unacknowledged) {
      if (sent.expires_ms > now_ms) this.#deliver(session, sent);
      else session.unacknowledged.delete(sent);
    }
  }

  /** A goodbye: no will. */
  detach(link: MemoryLink): void {
    const session = this.#sessions.get(link.clientId);
    if (session?.link !== link) return;
    session.link = undefined;
    this.#keep(link, session);
  }

  /** The connection ended without a goodbye. */
  lose(link: MemoryLink, cause = 'it was broken off'): void {
    const session = this.#sessions.get(link.clientId);
    if (session?.link === link) this.#break(session, cause);
  }

  subscribe(link: MemoryLink, filter: string, retained: Asked['retained'], identifier: number): void {
    const matches = compileFilter(filter);
    const session = this.#sessions.get(link.clientId);
    if (session?.link !== link) return;
    const known = session.subscriptions.has(filter);
    session.subscriptions.set(filter, { matches, identifier });
    if (known && retained === 'if-new') return;
    const now_ms = this.#now_ms();
    for (const { message, expires_ms } of this.#retained.values()) {
      if (!matches(message.topic) || expires_ms <= now_ms) continue;
      this.#send(session, { message, retain: true, expires_ms, identifiers: [identifier] });
    }
  }

  unsubscribe(link: MemoryLink, filter: string): void {
    this.#sessions.get(link.clientId)?.subscriptions.delete(filter);
  }

  /** Takes a message, from a client or from nobody in particular. */
  publish(message: OutgoingMessage): void {
    const now_ms = this.#now_ms();
    const expires_ms = message.expiry_s === undefined ? Infinity : now_ms + message.expiry_s * 1000;
    if (message.retain && message.payload === '') this.#retained.delete(message.topic);
    else if (message.retain) this.#retained.set(message.topic, { message, expires_ms });
    for (const session of this.#sessions.values()) {
      const matching = [...session.subscriptions.values()].filter(({ matches }) => matches(message.topic));
      const copies = matching.map(({ identifier }) => [identifier]).slice(0, this.#overlaps === 'once' ? 1 : undefined);
      for (const identifiers of copies) {
        if (session.ends_ms > now_ms) this.#send(session, { message, retain: false, expires_ms, identifiers });
      }
    }
  }

  #send(session: Session, sent: Sent): void {
    if (sent.message.qos === 1) session.unacknowledged.add(sent);
    this.#deliver(session, sent);
  }

  #deliver(session: Session, sent: Sent): void {
    const { message, retain, expires_ms, identifiers } = sent;
    const delivery = { message: incoming(message, retain, expires_ms - this.#now_ms()), identifiers };
    session.link?.deliver(delivery, () => session.unacknowledged.delete(sent));
  }

  #break(session: Session, cause: string): void {
    const { link } = session;
    if (link === undefined) return;
    session.link = undefined;
    this.#keep(link, session);
    if (link.will !== undefined) this.publish({ ...link.will, qos: 1 });
    link.broken(new Error(cause));
  }

  #keep(link: MemoryLink, session: Session): void {
    if (link.sessionKept_s === 0) this.#sessions.delete(link.clientId);
    else session.ends_ms = this.#now_ms() + link.sessionKept_s * 1000;
  }
}

function incoming(message: OutgoingMessage, retain: boolean, left_ms: number): IncomingMessage {
  const { topic, payload, qos, responseTopic, correlationData, properties } = message;
  return {
    topic,
    payload: Buffer.from(payload),
    retain,
    qos,
    ...(left_ms === Infinity ? {} : { expiry_s: Math.ceil(left_ms / 1000) }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData }),
    ...(properties === undefined ? {} : { properties }),
  };
}
