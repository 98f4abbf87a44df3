import type { LinkMessage } from '@guaita/cluster';
import type { Agenda, Appointment } from '../engine/agenda.ts';
import { between, chance, type Random } from '../engine/random.ts';

/** How well a network carries, at this moment. */
export interface Weather {
  /** The time on the way: between the two, by lot. */
  readonly delay_ms: readonly [least: number, most: number];
  /** How many of the messages are lost, come twice, or are overtaken: 0 to 1. */
  readonly loss: number;
  readonly doubling: number;
  readonly reordering: number;
}

/** A message as a broker handles it. */
export interface Parcel {
  readonly message: LinkMessage;
  /** 0 is given up where there is no connection, 1 waits for it. */
  readonly qos: 0 | 1;
  /** Kept by the broker for those who come later, under this name. */
  readonly retainedAs?: string;
  /** Read from what was kept. */
  readonly stored?: boolean;
}

interface OnTheWay {
  readonly parcel: Parcel;
  readonly arrival: Appointment;
}

/** How many messages of its kind were given up, and why. */
export interface Losses {
  lost(parcel: Parcel, why: 'loss' | 'full queue'): void;
}

/** A doubled or overtaken message comes so many times its delay later. */
const LATE_FACTOR = 4;

/**
 * One direction of a connection with the bounded queue before it: an MQTT bridge, or a broker's queue for a client. In
 * order, unless the weather is bad. When the queue is full the newest is dropped, as Mosquitto does
 * (`max_queued_messages`).
 */
export class Pipe {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #weather: () => Weather;
  readonly #limit: number;
  readonly #deliver: (parcel: Parcel) => void;
  readonly #losses: Losses;
  #connected = false;
  #frozen = false;
  #lastArrival_ms = 0;
  #waiting: Parcel[] = [];
  readonly #onTheWay = new Set<OnTheWay>();

  constructor(options: {
    agenda: Agenda;
    random: Random;
    weather: () => Weather;
    limit: number;
    deliver: (parcel: Parcel) => void;
    losses: Losses;
  }) {
    this.#agenda = options.agenda;
    this.#random = options.random;
    this.#weather = options.weather;
    this.#limit = options.limit;
    this.#deliver = options.deliver;
    this.#losses = options.losses;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Messages that have not arrived. */
  get queued(): number {
    return this.#waiting.length + this.#onTheWay.size;
  }

  /** Takes a message to bring to the other end. */
  send(parcel: Parcel): void {
    if (!this.#connected && parcel.qos === 0) return;
    if (this.queued >= this.#limit) {
      this.#losses.lost(parcel, 'full queue');
      return;
    }
    if (this.#connected && !this.#frozen) this.#bring(parcel);
    else this.#waiting.push(parcel);
  }

  /** The connection stands: what has waited goes out. */
  connect(): void {
    this.#connected = true;
    this.#flush();
  }

  /** The connection breaks: what is on the way waits for the next one, or is lost. */
  disconnect(): void {
    this.#connected = false;
    this.#takeBack();
    this.#waiting = this.#waiting.filter(({ qos }) => qos === 1);
  }

  /** The other end takes nothing more, and does not say so. */
  freeze(): void {
    if (this.#frozen) return;
    this.#frozen = true;
    this.#takeBack();
  }

  thaw(): void {
    this.#frozen = false;
    if (this.#connected) this.#flush();
  }

  /** This end forgets all it had: its program was killed. */
  empty(): void {
    this.#takeBack();
    this.#waiting = [];
  }

  #takeBack(): void {
    const taken = [...this.#onTheWay].map(({ arrival, parcel }) => {
      arrival.cancelled = true;
      return parcel;
    });
    this.#onTheWay.clear();
    this.#waiting = [...taken, ...this.#waiting];
  }

  #flush(): void {
    if (this.#frozen) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const parcel of waiting) this.#bring(parcel);
  }

  #bring(parcel: Parcel): void {
    const weather = this.#weather();
    if (chance(this.#random, weather.loss)) {
      this.#losses.lost(parcel, 'loss');
      return;
    }
    const delay_ms = between(this.#random, ...weather.delay_ms);
    if (chance(this.#random, weather.reordering)) this.#arriveAt(parcel, this.#agenda.now_ms + delay_ms * LATE_FACTOR);
    else {
      this.#lastArrival_ms = Math.max(this.#lastArrival_ms, this.#agenda.now_ms + delay_ms);
      this.#arriveAt(parcel, this.#lastArrival_ms);
    }
    if (chance(this.#random, weather.doubling)) this.#arriveAt(parcel, this.#lastArrival_ms + delay_ms * LATE_FACTOR);
  }

  #arriveAt(parcel: Parcel, at_ms: number): void {
    const onTheWay: OnTheWay = {
      parcel,
      arrival: this.#agenda.at(at_ms, () => {
        this.#onTheWay.delete(onTheWay);
        this.#deliver(parcel);
      }),
    };
    this.#onTheWay.add(onTheWay);
  }
}
