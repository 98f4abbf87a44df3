import { BusError, type OutgoingMessage } from './bus.ts';
import { Fifo } from './fifo.ts';

/** A message accepted for sending. */
export interface Entry {
  /** Rises by one with each acceptance. A message that took an older one's place has the older one's number. */
  readonly sequence: number;
  readonly message: OutgoingMessage;
  /** Monotonic time at which it stops being true. */
  readonly expires_ms: number | undefined;
}

type Slot = { -readonly [Key in keyof Entry]: Entry[Key] };

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
    if (older !== undefined) {
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
    const slot: Slot = { sequence: this.#sequence, message, expires_ms };
    if (isState) this.#newest.set(message.topic, slot);
    (message.measurement === true ? this.#measurements : this.#state).push(slot);
  }

  /** The next message to send, now in flight; `undefined` when none waits. What has expired is given up on the way. */
  take(now_ms: number): Entry | undefined {
    for (;;) {
      const state = this.#state.peek();
      const measurement = this.#measurements.peek();
      const measurementFirst = (measurement?.sequence ?? Infinity) < (state?.sequence ?? Infinity);
      const slot = (measurementFirst ? this.#measurements : this.#state).shift();
      if (slot === undefined) return undefined;
      if (this.#newest.get(slot.message.topic) === slot) this.#newest.delete(slot.message.topic);
      if (slot.expires_ms !== undefined && slot.expires_ms <= now_ms) {
        this.#dropped += 1;
        continue;
      }
      this.#inFlight.set(slot.sequence, slot);
      return slot;
    }
  }

  /** The broker has answered for a message in flight. */
  settle(entry: Entry): void {
    this.#inFlight.delete(entry.sequence);
  }

  /** The connection broke: what was in flight waits again, before all else; newer state of its topic supersedes it. */
  putBack(): void {
    const back = [...this.#inFlight.values()].sort((a, b) => a.sequence - b.sequence);
    this.#inFlight.clear();
    const state: Slot[] = [];
    for (const slot of back.toReversed()) {
      const { topic, retain, measurement } = slot.message;
      if (measurement === true) continue;
      if (retain && this.#newest.has(topic)) continue;
      if (retain) this.#newest.set(topic, slot);
      state.unshift(slot);
    }
    this.#state.putBack(state);
    this.#measurements.putBack(back.filter(({ message }) => message.measurement === true));
  }

  #dropOldestMeasurement(): boolean {
    if (this.#measurements.shift() === undefined) return false;
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
