import { Severity, type Id } from '@guaita/model';
import type { Notification, Step } from './notification.ts';

/** As many requests to one receiver at the same time: enough to hide a slow path, too few to trouble a server. */
const CONCURRENT = 4;
/** As many at once where few are needed otherwise. */
const BURST = 10;
/** What failed so often lets later alerts on the same subject go before it. */
const ORDER_ATTEMPTS = 3;
const MINUTE_ms = 60_000;
/** One, as far as sums of fractions are. */
const ONE = 1 - 1e-6;

/** Something that is to be sent now, or again later. */
export interface Item {
  readonly step: Step;
  readonly notification: Notification;
  /** 0: it is this monitor's to send; others come when those are done. */
  readonly rank: number;
  readonly seq: number;
  attempts: number;
  firstTried_ms: number | undefined;
  notBefore_ms: number;
}

/**
 * What waits for one receiver: a few at a time, not faster than it is to be told, the gravest first, and of one subject
 * in order. After a failure nothing is sent for a while.
 */
export class Lane {
  readonly #perMs: number;
  /** By alert: a receiver is told one thing of an alert at a time. */
  readonly #items = new Map<string, Item>();
  readonly #inFlight = new Map<string, Item>();
  #tokens = BURST;
  #tokensAt_ms = -Infinity;
  #failures = 0;
  #pausedUntil_ms = -Infinity;

  constructor(perMinute: number) {
    this.#perMs = perMinute / MINUTE_ms;
  }

  get waiting(): number {
    return this.#items.size;
  }

  /** What waits or is being sent for an alert. */
  get(alert: string): Item | undefined {
    return this.#inFlight.get(alert) ?? this.#items.get(alert);
  }

  isInFlight(alert: string): boolean {
    return this.#inFlight.has(alert);
  }

  put(alert: string, item: Item): void {
    this.#items.set(alert, item);
  }

  /** Nobody needs to be told any more, unless it is being sent. */
  drop(alert: string): void {
    this.#items.delete(alert);
  }

  /** The next one to be sent now; from then on it is being sent. */
  take(now_ms: number): Item | undefined {
    if (this.#inFlight.size >= CONCURRENT || now_ms < this.#pausedUntil_ms) return undefined;
    this.#refill(now_ms);
    if (this.#tokens < ONE) return undefined;
    let best: [string, Item] | undefined;
    for (const entry of this.#heads()) {
      if (entry[1].notBefore_ms <= now_ms && (best === undefined || precedes(entry[1], best[1]))) best = entry;
    }
    if (best === undefined) return undefined;
    const [alert, item] = best;
    this.#tokens -= 1;
    this.#items.delete(alert);
    this.#inFlight.set(alert, item);
    item.attempts += 1;
    item.firstTried_ms ??= now_ms;
    return item;
  }

  /** Nothing more is to be done about what was being sent. @param isReached the receiver has answered. */
  done(alert: string, isReached: boolean): void {
    this.#inFlight.delete(alert);
    if (isReached) this.#failures = 0;
  }

  /** How often in a row something did not arrive. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * It did not arrive: it is sent again, and for a while nothing else is.
   *
   * @param pause_ms how long to wait after so many failures in a row.
   * @param atLeast_ms what the receiver asks for.
   */
  failed(alert: string, now_ms: number, pause_ms: (failures: number) => number, atLeast_ms = 0): void {
    const item = this.#inFlight.get(alert);
    if (item === undefined) return;
    this.#inFlight.delete(alert);
    this.#items.set(alert, item);
    item.notBefore_ms = now_ms + Math.max(pause_ms(item.attempts), atLeast_ms);
    // What was under way when the first of them failed tells nothing more.
    if (now_ms >= this.#pausedUntil_ms) this.#failures += 1;
    const until_ms = now_ms + Math.max(pause_ms(this.#failures), atLeast_ms);
    this.#pausedUntil_ms = Math.max(this.#pausedUntil_ms, until_ms);
  }

  /** When `take` is to be asked again. */
  nextDeadline_ms(now_ms: number): number {
    if (this.#items.size === 0 || this.#inFlight.size >= CONCURRENT) return Infinity;
    const token_ms = this.#tokens >= ONE ? -Infinity : this.#tokensAt_ms + (1 - this.#tokens) / this.#perMs;
    const least_ms = Math.max(this.#pausedUntil_ms, token_ms);
    // Where thousands wait they are looked through when one of them may go, and not before.
    if (least_ms > now_ms) return least_ms;
    let next_ms = Infinity;
    for (const [, { notBefore_ms }] of this.#heads()) next_ms = Math.min(next_ms, notBefore_ms);
    return Math.max(next_ms, least_ms);
  }

  /** Those that no other of their subject goes before. */
  #heads(): [string, Item][] {
    const busy = new Set([...this.#inFlight.values()].map(subjectOf));
    const heads = new Map<Id, [string, Item]>();
    for (const entry of this.#items) {
      const subject = subjectOf(entry[1]);
      if (busy.has(subject)) continue;
      const head = heads.get(subject);
      if (head === undefined || isBefore(entry[1], head[1])) heads.set(subject, entry);
    }
    return [...heads.values()];
  }

  #refill(now_ms: number): void {
    const gained = this.#tokensAt_ms === -Infinity ? BURST : (now_ms - this.#tokensAt_ms) * this.#perMs;
    this.#tokens = Math.min(BURST, this.#tokens + gained);
    this.#tokensAt_ms = now_ms;
  }
}

function subjectOf({ notification: { alert } }: Item): Id {
  return alert.subject;
}

/** Of one subject: the older first, unless it fails and fails. */
function isBefore(one: Item, other: Item): boolean {
  const [failing, otherFailing] = [one, other].map(({ attempts }) => attempts >= ORDER_ATTEMPTS);
  return failing === otherFailing ? one.seq < other.seq : otherFailing === true;
}

/** Of several subjects: those of this monitor first, the gravest of them first. */
function precedes(one: Item, other: Item): boolean {
  if (one.rank !== other.rank) return one.rank < other.rank;
  const grave = severityOf(one) - severityOf(other);
  return grave === 0 ? one.seq < other.seq : grave < 0;
}

function severityOf({ notification: { alert } }: Item): number {
  return Severity.options.indexOf(alert.severity);
}
