import type { OfflineMessage } from '@guaita/cluster';
import type { Id } from '@guaita/model';
import type { Parcel, Pipe } from './pipe.ts';

/** A monitor's connection as its broker sees it. */
interface Session {
  readonly will: OfflineMessage;
  readonly toClient: Pipe;
}

/** The topic of a monitor's header; its will and its goodbye take the header's place there. */
export function statusTopic(monitor: Id): string {
  return `${monitor}/status`;
}

/**
 * An MQTT broker: keeps what is retained, gives everything to whoever is connected, and pushes what its own monitors
 * say to the other brokers. Nothing that came from another broker goes on to a third.
 */
export class Broker {
  readonly id: Id;
  readonly #retained = new Map<string, Parcel>();
  readonly #sessions = new Map<Id, Session>();
  readonly #bridges = new Map<Id, Pipe>();
  readonly #own: ReadonlySet<Id>;
  up = true;

  /** @param own the monitors that connect to this broker */
  constructor(id: Id, own: ReadonlySet<Id>) {
    this.id = id;
    this.#own = own;
  }

  /** Sets the pipe through which a peer is pushed to. */
  bridge(peer: Id, pipe: Pipe): void {
    this.#bridges.set(peer, pipe);
  }

  /** A client or a peer publishes. */
  publish(parcel: Parcel): void {
    if (!this.up) return;
    if (parcel.retainedAs !== undefined) this.#retained.set(parcel.retainedAs, parcel);
    const writer = parcel.message.monitor;
    for (const [monitor, session] of this.#sessions) if (monitor !== writer) session.toClient.send(parcel);
    if (this.#own.has(writer)) for (const pipe of this.#bridges.values()) pipe.send(parcel);
  }

  /** A bridge is connected (again): all that is kept of our own monitors goes over it, as Mosquitto does. */
  bridgeConnected(peer: Id): void {
    const pipe = this.#bridges.get(peer);
    if (pipe === undefined) return;
    for (const parcel of this.#retained.values()) if (this.#own.has(parcel.message.monitor)) pipe.send(parcel);
  }

  /** A client is connected: a session of its that still stood ends with its will, and it is given all that is kept. */
  clientConnected(monitor: Id, will: OfflineMessage, toClient: Pipe): void {
    this.clientLost(monitor);
    this.#sessions.set(monitor, { will, toClient });
    for (const parcel of this.#retained.values()) toClient.send({ ...parcel, stored: true });
  }

  /** A client went without a goodbye: its will is done. */
  clientLost(monitor: Id): void {
    const session = this.#sessions.get(monitor);
    if (session === undefined) return;
    this.#sessions.delete(monitor);
    this.#publishWill(session.will);
  }

  /** A client took its leave: no will. */
  clientLeft(monitor: Id): void {
    this.#sessions.delete(monitor);
  }

  /** The session of a client that now stands here. */
  sessionOf(monitor: Id): object | undefined {
    return this.#sessions.get(monitor);
  }

  /** Does a will, of a session of now or of long ago. */
  #publishWill(will: OfflineMessage): void {
    this.publish(willParcel(will));
  }

  /** The broker's program ends. */
  stop(): void {
    this.up = false;
    this.#sessions.clear();
  }

  /** It is back, with what it kept, or with nothing. */
  restart(emptied: boolean): void {
    this.up = true;
    if (emptied) this.#retained.clear();
  }
}

/** A will as it is published: retained in the place of the header. */
export function willParcel(will: OfflineMessage): Parcel {
  return { message: will, qos: 1, retainedAs: statusTopic(will.monitor) };
}
