import { BusError, type OutgoingMessage } from './bus.ts';
import { Fifo } from './fifo.ts';
import { compileFilter } from './topic-filter.ts';

/** A message accepted for sending. */
export interface Entry {
  /** Rises by one with each acceptance. A message that took an older one's place has the older one's number. */
  readonly sequence: number;
  readonly message: OutgoingMessage;
  /** Monotonic time at which it stops being true. */
  readonly expires_ms: number | undefined;
}

type Slot = { -readonly [Key in keyof Entry]: Entry[Key] } & {
  /** How often the connection broke soon after it was sent. */
  breaks: number;
  sent_ms: number;
  /** Its topic was left to others: it is not sent any more. */
  forgotten: boolean;
};

/**
 * Some brokers hang up on a message that they do not like (Aedes on a topic of 101 levels, others on whatever is not
 * authorized), and can only be told by that: a message that was on its way at so many breaks is sent alone, and at the
 * next one it is given up, or nothing behind it would ever be sent.
 */
const SUSPECT_breaks = 2;

/** They do so at once. A broker that has frozen, or a dead link, is found out by the keepalive, and no message's fault. */
const SUDDEN_ms = 5_000;

/**
 * What was accepted and not yet acknowledged, in order and bounded. Pure: the time is passed in.
 *
 * A message is `waiting` (accepted), then in flight (`take`), then gone (`settle`); a broken connection puts what was
 * in flight back in front of what waits (`putBack`).
 */
export class Outbox {
  readonly #limit: number;
  /** State and measurements queue apart, so that the oldest measurement is at hand; the sequence orders them. */
  readonly #state = new Fifo<Slot>();
  readonly #measurements = new Fifo<Slot>();
  /** The waiting retained state of each topic: newer state takes its place. */
  readonly #newest = new Map<string, Slot>();
  /** The number of the newest waiting measurement of each topic that is retained: state must not overtake it. */
  readonly #measured = new Map<string, number>();
  readonly #inFlight = new Map<number, Slot>();
  #sequence = 0;
  #dropped = 0;

  /** @param limit how many messages it holds, waiting and in flight together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Messages given up since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Accepted and neither settled nor given up. */
  get size(): number {
    return this.waiting + this.#inFlight.size;
  }

  get waiting(): number {
    return this.#state.size + this.#measurements.size;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The number of the message accepted last; 0 before the first. */
  get lastSequence(): number {
    return this.#sequence;
  }

  /** The number of the oldest message that is neither settled nor given up; infinite when there is none. */
  get firstSequence(): number {
    let first = Math.min(this.#state.peek()?.sequence ?? Infinity, this.#measurements.peek()?.sequence ?? Infinity);
    for (const sequence of this.#inFlight.keys()) first = Math.min(first, sequence);
    return first;
  }

  /** Tells whether retained state of a topic waits. */
  holdsState(topic: string): boolean {
    return this.#newest.has(topic);
  }

  /** @throws {BusError} when it is full and nothing in it may give way. */
  accept(message: OutgoingMessage, now_ms: number): void {
    const { expiry_s } = message;
    const expires_ms = expiry_s === undefined ? undefined : now_ms + expiry_s * 1000;
    const isState = message.retain && message.measurement !== true;
    const older = isState ? this.#newest.get(message.topic) : undefined;
    if (older !== undefined && (this.#measured.get(message.topic) ?? 0) < older.sequence) {
      older.message = message;
      older.expires_ms = expires_ms;
      return;
    }
    this.#dropExpiredMeasurements(now_ms);
    if (this.size >= this.#limit && !this.#dropOldestMeasurement()) {
      if (message.measurement === true) {
        this.#dropped += 1;
        return;
      }
      throw new BusError(
        `the outbox is full: ${this.size} messages of state wait for the broker, so ${message.topic} cannot be said. ` +
          `Bring the broker back, or raise outboxLimit (now ${this.#limit})`,
      );
    }
    this.#sequence += 1;
    const slot: Slot = { sequence: this.#sequence, message, expires_ms, breaks: 0, sent_ms: 0, forgotten: false };
    this.#noteWaiting(slot);
    (message.measurement === true ? this.#measurements : this.#state).push(slot);
  }

  /**
   * The next message to send, now in flight; `undefined` when none waits, or when the next has to wait until nothing
   * else is in flight. What has expired is given up on the way.
   *
   * @param alone whether nothing else of ours is in flight beside the outbox's messages.
   */
  take(now_ms: number, alone = true): Entry | undefined {
    for (;;) {
      const state = this.#state.peek();
      const measurement = this.#measurements.peek();
      const measurementFirst = (measurement?.sequence ?? Infinity) < (state?.sequence ?? Infinity);
      const slot = measurementFirst ? measurement : state;
      if (slot === undefined) return undefined;
      const expired = slot.expires_ms !== undefined && slot.expires_ms <= now_ms;
      if (!expired && !slot.forgotten && this.#mustWait(slot, alone)) return undefined;
      (measurementFirst ? this.#measurements : this.#state).shift();
      this.#noteGone(slot);
      if (slot.forgotten) continue;
      if (expired) {
        this.#dropped += 1;
        continue;
      }
      slot.sent_ms = now_ms;
      this.#inFlight.set(slot.sequence, slot);
      return slot;
    }
  }

  /** The broker has answered for a message in flight. */
  settle(entry: Entry): void {
    this.#inFlight.delete(entry.sequence);
  }

  /**
   * The connection broke: what was in flight waits again, before all else; newer state of its topic supersedes it.
   * Gives what is not to be sent again, since the connection breaks of it.
   */
  putBack(now_ms: number): OutgoingMessage[] {
    const back = [...this.#inFlight.values()].sort((a, b) => a.sequence - b.sequence);
    this.#inFlight.clear();
    const state: Slot[] = [];
    const measurements: Slot[] = [];
    const poisonous: OutgoingMessage[] = [];
    for (const slot of back.toReversed()) {
      const { topic, retain, measurement } = slot.message;
      if (slot.forgotten) continue;
      if (now_ms - slot.sent_ms < SUDDEN_ms) slot.breaks += 1;
      if (slot.breaks > SUSPECT_breaks) {
        poisonous.unshift(slot.message);
        continue;
      }
      if (measurement !== true && retain && this.#newest.has(topic)) continue;
      this.#noteWaiting(slot);
      (measurement === true ? measurements : state).unshift(slot);
    }
    this.#state.putBack(state);
    this.#measurements.putBack(measurements);
    return poisonous;
  }

  /**
   * State that was being said again when the connection broke: it waits with the rest, under suspicion as they are,
   * unless something newer of its topic waits, or there is no room.
   */
  restore({ message, expires_ms }: Pick<Entry, 'message' | 'expires_ms'>): void {
    const { topic } = message;
    if (this.#newest.has(topic) || this.#measured.has(topic) || this.size >= this.#limit) return;
    this.#sequence += 1;
    const slot: Slot = { sequence: this.#sequence, message, expires_ms, breaks: 1, sent_ms: 0, forgotten: false };
    this.#noteWaiting(slot);
    this.#state.push(slot);
  }

  /** Leaves topics to others: what was said on them and waits is not sent, what is in flight is not sent again. */
  forget(filter: string): void {
    const matches = compileFilter(filter);
    for (const slots of [this.#state, this.#inFlight.values()])
      for (const slot of slots) {
        const { topic, measurement } = slot.message;
        if (measurement === true || !matches(topic)) continue;
        slot.forgotten = true;
        if (this.#newest.get(topic) === slot) this.#newest.delete(topic);
      }
  }

  /** A suspect goes alone, so that it is told from those beside it. */
  #mustWait(slot: Slot, alone: boolean): boolean {
    const [flying] = this.#inFlight.values();
    if (slot.breaks >= SUSPECT_breaks) return !alone || flying !== undefined;
    return flying !== undefined && flying.breaks >= SUSPECT_breaks;
  }

  #noteWaiting(slot: Slot): void {
    const { topic, retain, measurement } = slot.message;
    if (!retain) return;
    if (measurement !== true) this.#newest.set(topic, slot);
    else if ((this.#measured.get(topic) ?? 0) < slot.sequence) this.#measured.set(topic, slot.sequence);
  }

  #noteGone(slot: Slot): void {
    const { topic } = slot.message;
    if (this.#newest.get(topic) === slot) this.#newest.delete(topic);
    if (this.#measured.get(topic) === slot.sequence) this.#measured.delete(topic);
  }

  #dropOldestMeasurement(): boolean {
    const oldest = this.#measurements.shift();
    if (oldest === undefined) return false;
    this.#noteGone(oldest);
    this.#dropped += 1;
    return true;
  }

  #dropExpiredMeasurements(now_ms: number): void {
    for (;;) {
      const oldest = this.#measurements.peek();
      if (oldest?.expires_ms === undefined || oldest.expires_ms > now_ms) return;
      this.#dropOldestMeasurement();
    }
  }
}
