import { rankedFor } from '@guaita/assignment';
import type { Id } from '@guaita/model';

/** The next in rank sends when nothing was heard for so long of what the one before it should have sent. */
export const PATIENCE_ms = 10_000;

/**
 * Who has just become ready sees what begins and ends up to so much later than others do, since its broker was away: it
 * has to hear of all claims first, and an alert takes its time.
 */
const SETTLING_ms = 15_000;

/** It then waits for so long: the next one in rank has begun by half of that. */
const LATE_ms = 2 * PATIENCE_ms;

/** What matters of a monitor. */
export interface SenderView {
  readonly alive: boolean;
  /** It has no way out, as far as it can tell. */
  readonly isolated: boolean;
}

/**
 * Who tells a receiver outside what: of the monitors that live, whose alert service is heard and that have this receiver,
 * the first in rank; and each after it when those before say nothing.
 */
export class Senders {
  readonly #self: Id;
  readonly #views = new Map<Id, SenderView>();
  readonly #online = new Set<Id>();
  /** What each says to have. */
  readonly #receivers = new Map<Id, ReadonlySet<Id>>();
  /** When one of them was last lost. */
  #lost_ms = -Infinity;
  /** When each last said that it has told a receiver something. */
  readonly #words = new Map<string, number>();

  constructor(self: Id) {
    this.#self = self;
  }

  /** @returns whether that changes who sends what. */
  view(monitor: Id, view: SenderView | undefined, now_ms: number): boolean {
    const before = this.#views.get(monitor);
    if (before?.alive === true && view?.alive !== true) this.#lost_ms = now_ms;
    if (view === undefined) this.#views.delete(monitor);
    else this.#views.set(monitor, view);
    return before?.alive !== view?.alive || before?.isolated !== view?.isolated;
  }

  /** A monitor’s alert service runs, or does not. @returns whether that changes who sends what. */
  service(monitor: Id, isOnline: boolean, now_ms: number): boolean {
    if (this.#online.has(monitor) === isOnline) return false;
    if (isOnline) this.#online.add(monitor);
    else {
      this.#online.delete(monitor);
      this.#lost_ms = now_ms;
    }
    return true;
  }

  /**
   * Which receivers a monitor says that it has; until it does, and, `undefined`, once it is forgotten, it is taken to have
   * all. @returns whether that is news.
   */
  has(monitor: Id, receivers: readonly Id[] | undefined): boolean {
    if (receivers === undefined) return this.#receivers.delete(monitor);
    const before = this.#receivers.get(monitor);
    this.#receivers.set(monitor, new Set(receivers));
    return before?.size !== receivers.length || !receivers.every((each) => before.has(each));
  }

  /** A monitor has said that it has told a receiver something. */
  word(monitor: Id, receiver: Id, now_ms: number): void {
    this.#words.set(`${monitor}/${receiver}`, now_ms);
  }

  /** The other monitors whose words reach this broker, also those that are not heard right now. */
  get others(): readonly Id[] {
    return [...this.#receivers.keys()].filter((monitor) => monitor !== this.#self);
  }

  /** Those who may send something, the first in rank first; this monitor is always one of them. */
  ranked(work: Id): readonly Id[] {
    const able = [...this.#views].filter(([monitor, { alive }]) => alive && this.#online.has(monitor));
    const ranked = rankedFor(work, new Set([this.#self, ...able.map(([monitor]) => monitor)]));
    const isolated = (monitor: Id): boolean => this.#views.get(monitor)?.isolated === true;
    return [...ranked.filter((monitor) => !isolated(monitor)), ...ranked.filter(isolated)];
  }

  /** Those of them who may tell a receiver; this monitor always may. */
  having(ranked: readonly Id[], receiver: Id): readonly Id[] {
    return ranked.filter((monitor) => monitor === this.#self || this.#receivers.get(monitor)?.has(receiver) !== false);
  }

  /**
   * When this monitor sends something that is due, unless another has sent it by then: each one before it in rank has
   * 10 s, from when it last said that it has sent something to that receiver, since it may have much to send. Who could
   * not send it when it was due, or learnt of it late, lets the next one go first, who waits 10 s from when it was due.
   * And when one is lost, the first of the others may have begun to send only now.
   *
   * @param ready_ms from when on this monitor may send at all.
   */
  start_ms(ranked: readonly Id[], receiver: Id, due_ms: number, ready_ms: number): number {
    const isLate = due_ms < ready_ms + SETTLING_ms && ranked.length > 1;
    // Not for ever, though one is lost again and again, or this one itself goes on sending other things.
    const since = (at_ms: number): number => Math.max(due_ms, Math.min(at_ms, due_ms + LATE_ms));
    let from_ms = isLate || ranked[0] !== this.#self ? since(this.#lost_ms) : due_ms;
    // The next one waits for longer, too, while this one says that it sends other things.
    if (isLate) from_ms = Math.max(from_ms, since(this.#word_ms(this.#self, receiver))) + LATE_ms;
    let start_ms = Math.max(ready_ms, from_ms);
    for (const monitor of ranked) {
      if (monitor === this.#self) break;
      start_ms = Math.max(start_ms, this.#word_ms(monitor, receiver)) + PATIENCE_ms;
    }
    return start_ms;
  }

  #word_ms(monitor: Id, receiver: Id): number {
    return this.#words.get(`${monitor}/${receiver}`) ?? -Infinity;
  }
}
