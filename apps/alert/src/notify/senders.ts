import { rankedFor } from '@guaita/assignment';
import type { Id } from '@guaita/model';

/** The next in rank sends when nothing was heard for so long of what the one before it should have sent. */
export const PATIENCE_ms = 10_000;

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
  /** When each last said that it has told a receiver something. */
  readonly #words = new Map<string, number>();

  constructor(self: Id) {
    this.#self = self;
  }

  /** @returns whether that changes who sends what. */
  view(monitor: Id, view: SenderView | undefined): boolean {
    const before = this.#views.get(monitor);
    if (view === undefined) this.#views.delete(monitor);
    else this.#views.set(monitor, view);
    return before?.alive !== view?.alive || before?.isolated !== view?.isolated;
  }

  /** A monitor’s alert service runs, or does not. @returns whether that changes who sends what. */
  service(monitor: Id, isOnline: boolean): boolean {
    if (this.#online.has(monitor) === isOnline) return false;
    if (isOnline) this.#online.add(monitor);
    else this.#online.delete(monitor);
    return true;
  }

  /** Which receivers a monitor says that it has; until it does it is taken to have all. @returns whether that is news. */
  has(monitor: Id, receivers: readonly Id[]): boolean {
    const before = this.#receivers.get(monitor);
    this.#receivers.set(monitor, new Set(receivers));
    return before?.size !== receivers.length || !receivers.every((each) => before.has(each));
  }

  /** A monitor has said that it has told a receiver something. */
  word(monitor: Id, receiver: Id, now_ms: number): void {
    this.#words.set(`${monitor}/${receiver}`, now_ms);
  }

  /** Whether any other monitor is known, also one that is not heard right now. */
  get knowsOthers(): boolean {
    return [...this.#views.keys()].some((monitor) => monitor !== this.#self);
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
   * 10 s, from when it last said that it has sent something to that receiver, since it may have much to send.
   */
  start_ms(ranked: readonly Id[], receiver: Id, due_ms: number): number {
    let start_ms = due_ms;
    for (const monitor of ranked) {
      if (monitor === this.#self) break;
      start_ms = Math.max(start_ms, this.#words.get(`${monitor}/${receiver}`) ?? -Infinity) + PATIENCE_ms;
    }
    return start_ms;
  }
}
