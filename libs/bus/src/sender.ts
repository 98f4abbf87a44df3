import type { BusError, OutboxStatus, OutgoingMessage } from './bus.ts';
import { Flushes } from './flushes.ts';
import { Outbox } from './outbox.ts';
import { StatedTopics, type Stated } from './stated.ts';
import { compileFilter } from './topic-filter.ts';
import type { Connection, Settled } from './transport.ts';

export interface SenderOptions {
  readonly outboxLimit: number;
  readonly stateLimit: number;
  /** How long a measurement may wait for company. */
  readonly gather_ms: number;
  readonly now_ms: () => number;
  readonly rejected: (message: OutgoingMessage, reason: string) => void;
  /** There is more state than is remembered; told once. */
  readonly forgetful: () => void;
}

/**
 * QoS 1 messages in flight where the broker allows more. Two round trips of a 10 ms path at 10,000 messages a second;
 * more only means more to send again when the connection breaks.
 */
const WINDOW = 200;

/** Sends what was published over whichever connection there is, and says state again over a new one. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #outbox: Outbox;
  readonly #stated: StatedTopics;
  readonly #flushes = new Flushes();
  #connection: Connection | undefined;
  #window = WINDOW;
  #again: Generator<Stated, undefined> | undefined;
  readonly #againInFlight = new Set<Stated>();
  #gathering: NodeJS.Timeout | undefined;
  #resuming: NodeJS.Immediate | undefined;
  #pumping = false;
  /** The window or the socket was full: there may be more to send. */
  #heldUp = false;
  #rejected = 0;
  #forgetful = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.outboxLimit);
    this.#stated = new StatedTopics(options.stateLimit);
  }

  get status(): OutboxStatus {
    return { waiting: this.#outbox.size, dropped: this.#outbox.dropped, rejected: this.#rejected };
  }

  /** @throws {BusError} when the outbox is full and nothing in it may give way. */
  publish(message: OutgoingMessage): void {
    const now_ms = this.#options.now_ms();
    this.#outbox.accept(message, now_ms);
    if (!this.#stated.note(message, now_ms) && !this.#forgetful && this.#options.stateLimit > 0) {
      this.#forgetful = true;
      this.#options.forgetful();
    }
    if (message.measurement !== true || this.#options.gather_ms === 0) this.pump();
    else this.#gathering ??= setTimeout(() => this.pump(), this.#options.gather_ms);
  }

  /** Leaves topics to others. */
  forget(filter: string): void {
    const matches = compileFilter(filter);
    this.#stated.forget(filter);
    this.#outbox.forget(filter);
    for (const stated of this.#againInFlight) if (matches(stated.message.topic)) this.#againInFlight.delete(stated);
  }

  /** Resolves when all that was accepted before is settled. */
  flushed(signal?: AbortSignal): Promise<void> {
    const flushed = this.#flushes.wait(this.#outbox.lastSequence, signal);
    this.pump();
    return flushed;
  }

  /** @param sayAgain whether a connection broke before this one, so that its broker may have forgotten our state. */
  attach(connection: Connection, sayAgain: boolean): void {
    this.#connection = connection;
    this.#window = Math.min(connection.receiveMaximum, WINDOW);
    if (sayAgain) this.#again = this.#stated.again(this.#options.now_ms);
    this.pump();
  }

  /** The connection broke: what was in flight will be sent again. */
  detach(): void {
    this.#connection = undefined;
    this.#again = undefined;
    const poisonous = this.#outbox.putBack(this.#options.now_ms());
    // Queued like anything else now, so that what the connection breaks of is found out there.
    for (const stated of this.#againInFlight) this.#outbox.restore(stated);
    this.#againInFlight.clear();
    for (const message of poisonous) {
      this.#answered(message, 'each time that it was sent, the connection broke at once');
    }
  }

  /** Nothing will be sent any more. */
  end(error: BusError): void {
    clearTimeout(this.#gathering);
    clearImmediate(this.#resuming);
    this.#flushes.fail(error);
  }

  /** Sends as much as the broker takes: first the state to say again, then what waits. */
  pump(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    clearImmediate(this.#resuming);
    this.#resuming = undefined;
    if (!this.#pumping) {
      this.#pumping = true;
      try {
        this.#fill();
      } finally {
        this.#pumping = false;
      }
    }
    // What expired or gave way needs no answer any more.
    this.#flushes.settle(this.#outbox);
  }

  #fill(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const now_ms = this.#options.now_ms();
    this.#heldUp = false;
    do {
      if (this.#inFlight >= this.#window || !connection.writable) {
        this.#heldUp = true;
        break;
      }
    } while (this.#sayAgain(connection, now_ms) || this.#sendNext(connection, now_ms));
  }

  get #inFlight(): number {
    return this.#outbox.inFlight + this.#againInFlight.size;
  }

  #sayAgain(connection: Connection, now_ms: number): boolean {
    while (this.#again !== undefined) {
      const stated = this.#again.next().value;
      if (stated === undefined) {
        this.#again = undefined;
        return false;
      }
      // Newer state of the topic waits its turn anyhow.
      if (this.#outbox.holdsState(stated.message.topic)) continue;
      this.#againInFlight.add(stated);
      send(connection, stated, now_ms, (refusal) => {
        this.#againInFlight.delete(stated);
        this.#answered(stated.message, refusal);
      });
      return true;
    }
    return false;
  }

  #sendNext(connection: Connection, now_ms: number): boolean {
    const entry = this.#outbox.take(now_ms, this.#againInFlight.size === 0);
    if (entry === undefined) {
      this.#heldUp = this.#outbox.waiting > 0;
      return false;
    }
    send(connection, entry, now_ms, (refusal) => {
      this.#outbox.settle(entry);
      this.#answered(entry.message, refusal);
    });
    return true;
  }

  #answered(message: OutgoingMessage, refusal: string | undefined): void {
    if (refusal !== undefined) {
      this.#rejected += 1;
      this.#stated.forget(message.topic);
      this.#options.rejected(message, refusal);
    }
    this.#flushes.settle(this.#outbox);
    // Not at once: the acknowledgements that came together make room for a bunch. Nor later: the broker's kernel holds
    // further acknowledgements back until ours has something to say (Nagle and delayed ACK, 40 ms each time).
    if (this.#heldUp) this.#resuming ??= setImmediate(() => this.pump());
  }
}

/** Sends a message; one that cannot be sent at all counts as refused, so that it is not in the way of the others. */
function send(connection: Connection, { message, expires_ms }: Stated, now_ms: number, settled: Settled): void {
  try {
    connection.send(message, remaining_s(expires_ms, now_ms), settled);
  } catch (error) {
    settled(`it cannot be sent: ${String(error)}`);
  }
}

/** What remains of an expiry, in whole seconds as MQTT wants it, at least one. */
function remaining_s(expires_ms: number | undefined, now_ms: number): number | undefined {
  return expires_ms === undefined ? undefined : Math.max(1, Math.ceil((expires_ms - now_ms) / 1000));
}
