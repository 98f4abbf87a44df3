import type { LinkMessage, OfflineMessage } from '@guaita/cluster';
import type { Id } from '@guaita/model';
import type { Agenda, Appointment } from '../engine/agenda.ts';
import { between, type Random } from '../engine/random.ts';
import { statusTopic, willParcel, type Broker } from './broker.ts';
import type { HostLink, LinkEnd } from './host-link.ts';
import { GIVE_UP_ms, RECONNECT_ms, type Witness } from './mqtt-network.ts';
import { Pipe, type Parcel, type Weather } from './pipe.ts';

/** The broker gives a silent client up later than the client gives up a silent broker. */
const BROKER_GIVES_UP_ms = 1.5 * GIVE_UP_ms;

/** The topic on which a message is kept; `undefined` for what is not kept. */
function topicOf(message: LinkMessage): string | undefined {
  switch (message.kind) {
    case 'header':
    case 'offline':
      return statusTopic(message.monitor);
    case 'bucket':
      return `${message.monitor}/claims/${message.bucket}`;
    case 'intents':
      return `${message.monitor}/intents/${message.bucket}`;
    case 'wants':
    case 'life':
      return undefined;
  }
}

function parcelOf(message: LinkMessage): Parcel {
  const retainedAs = topicOf(message);
  return { message, qos: message.kind === 'header' ? 0 : 1, ...(retainedAs === undefined ? {} : { retainedAs }) };
}

/** One monitor's connection to its broker. Says all its state again at each new connection. */
export class MqttLink implements HostLink {
  readonly name = 'mqtt';
  readonly #monitor: Id;
  readonly #broker: Broker;
  readonly #end: LinkEnd;
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #weather: () => Weather;
  readonly #queueLimit: number;
  readonly #witness: Witness;
  /** What was said last on each topic, the newest last. */
  readonly #state = new Map<string, Parcel>();
  #up: Pipe | undefined;
  #down: Pipe | undefined;
  #ended = false;
  #blocked = false;
  #timers: Appointment[] = [];
  /** Counts the connections of this run: the session in our headers, which the will of each knows too. */
  #connection = 0;
  #will: OfflineMessage | undefined;

  constructor(options: {
    monitor: Id;
    broker: Broker;
    end: LinkEnd;
    agenda: Agenda;
    random: Random;
    weather: () => Weather;
    queueLimit: number;
    witness: Witness;
  }) {
    this.#monitor = options.monitor;
    this.#broker = options.broker;
    this.#end = options.end;
    this.#agenda = options.agenda;
    this.#random = options.random;
    this.#weather = options.weather;
    this.#queueLimit = options.queueLimit;
    this.#witness = options.witness;
  }

  get connected(): boolean {
    return this.#up !== undefined;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  start(): void {
    this.#retry();
  }

  say(message: LinkMessage): void {
    if (message.kind === 'header') {
      // A header speaks for the session that stands, or is not said: the next beat comes soon.
      this.#up?.send(parcelOf({ ...message, header: { ...message.header, session: this.#connection } }));
      return;
    }
    const parcel = parcelOf(message);
    if (parcel.retainedAs !== undefined) {
      this.#state.delete(parcel.retainedAs);
      this.#state.set(parcel.retainedAs, parcel);
    }
    this.#up?.send(parcel);
  }

  leave(): void {
    if (this.#ended) return;
    if (this.#up !== undefined && this.#broker.up && !this.#blocked) {
      this.#broker.publish(willParcel(this.#offline()));
      this.#broker.clientLeft(this.#monitor);
    }
    this.#finish();
  }

  die(silently: boolean): void {
    if (this.#ended) return;
    const connected = this.#up !== undefined;
    const broker = this.#broker;
    this.#finish();
    if (!connected) return;
    // The operating system closes the socket of a dead program, and the broker hears it at once.
    const notice_ms = silently || this.#blocked ? BROKER_GIVES_UP_ms : 0;
    const session = broker.sessionOf(this.#monitor);
    this.#agenda.after(notice_ms, () => {
      if (broker.sessionOf(this.#monitor) === session) broker.clientLost(this.#monitor);
    });
  }

  /** The way to the broker is cut: each end finds out by itself, the broker later. */
  block(): void {
    if (this.#blocked) return;
    this.#blocked = true;
    this.#up?.freeze();
    this.#down?.freeze();
    if (this.#up === undefined) return;
    this.#later(GIVE_UP_ms, () => this.#lose());
    this.#later(BROKER_GIVES_UP_ms, () => this.#broker.clientLost(this.#monitor));
  }

  unblock(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#callOff();
    if (this.#up === undefined) this.#retry();
    this.#up?.thaw();
    this.#down?.thaw();
  }

  /** The will of the session that stands, which its broker will not do: somebody else will, later. */
  takeWill(): OfflineMessage | undefined {
    this.#broker.clientLeft(this.#monitor);
    return this.#will;
  }

  /** The broker's program has ended, or the connection is reset. */
  reset(): void {
    if (this.#up === undefined) return;
    this.#lose();
    this.#retry();
  }

  #finish(): void {
    this.#ended = true;
    this.#callOff();
    this.#lose();
  }

  #lose(): void {
    if (this.#up === undefined) return;
    this.#up.disconnect();
    this.#up.empty();
    this.#down?.disconnect();
    this.#down?.empty();
    this.#up = undefined;
    this.#down = undefined;
    if (!this.#ended) this.#end.connected(this.name, false);
  }

  #retry(): void {
    if (this.#ended) return;
    this.#later(between(this.#random, RECONNECT_ms / 10, RECONNECT_ms), () => {
      if (this.#blocked || this.#up !== undefined) return;
      if (this.#broker.up) this.#connect();
      else this.#retry();
    });
  }

  #connect(): void {
    const pipe = (limit: number, deliver: (parcel: Parcel) => void): Pipe => {
      const made = new Pipe({
        agenda: this.#agenda,
        random: this.#random,
        weather: this.#weather,
        limit,
        deliver,
        losses: this.#witness,
      });
      made.connect();
      return made;
    };
    // A client gives up nothing that it wants to say: only the broker's queues are bounded.
    this.#up = pipe(Infinity, (parcel) => this.#broker.publish(parcel));
    this.#down = pipe(this.#queueLimit, (parcel) => this.#hear(parcel));
    this.#connection++;
    this.#will = this.#offline();
    this.#broker.clientConnected(this.#monitor, this.#will, this.#down);
    this.#end.connected(this.name, true, this.#connection);
    for (const parcel of this.#state.values()) this.#up.send(parcel);
    this.#witness.stirred();
  }

  /** What this very run has said is no news to it; what a former self said is. */
  #hear({ message, stored = false }: Parcel): void {
    if (message.monitor === this.#monitor) {
      const { incarnation } = this.#end;
      if (!stored || message.kind === 'offline') return;
      if (message.kind === 'header' && message.header.incarnation === incarnation) return;
      if (message.kind === 'bucket' && message.content.incarnation === incarnation) return;
    }
    this.#end.heard(this.name, message, stored);
  }

  #offline(): OfflineMessage {
    const { incarnation } = this.#end;
    return { kind: 'offline', monitor: this.#monitor, incarnation, session: this.#connection };
  }

  #later(delay_ms: number, happen: () => void): void {
    this.#timers = this.#timers.filter(({ cancelled, at_ms }) => !cancelled && at_ms > this.#agenda.now_ms);
    this.#timers.push(this.#agenda.after(delay_ms, happen));
  }

  #callOff(): void {
    for (const timer of this.#timers) timer.cancelled = true;
    this.#timers = [];
  }
}
