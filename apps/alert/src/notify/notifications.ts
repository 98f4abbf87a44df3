import type { Sent } from '@guaita/messages';
import type { Alert, Id } from '@guaita/model';
import { Agenda } from '../alerts/agenda.ts';
import type { Now } from '../now.ts';
import type { NotifyEffect, Outcome } from './effect.ts';
import { Hearing } from './hearing.ts';
import { ageOf, KnownAlert } from './known-alert.ts';
import { Lane } from './lane.ts';
import { nextStep } from './next-step.ts';
import { keyOf, type Step } from './notification.ts';
import type { Receiver } from './receiver.ts';
import { PATIENCE_ms, Senders, type SenderView } from './senders.ts';
import { SENT_KEPT_ms } from './sent-kept.ts';
import { isTold } from './told.ts';

/** While the alert is open, what was sent is said again when half of the time for which brokers keep it has passed. */
const SAY_AGAIN_ms = SENT_KEPT_ms / 2;

/** Alerts looked at in one turn: the rest of the process has its turn between. */
const PORTION = 2_000;

export interface NotificationsOptions {
  readonly monitor: Id;
  readonly receivers: readonly Receiver[];
  /** After how long something is given up. */
  readonly giveUp_ms: number;
  /**
   * Who has not seen an alert open cannot tell whether it is over or not seen yet: after how long it is taken for over.
   */
  readonly unseen_ms: number;
  /** How long to wait after so many failures in a row. */
  readonly pause_ms: (failures: number) => number;
}

/**
 * Who tells which receiver what of which alert, and when: a state machine. Every monitor's has the same rules; they agree
 * by what each says to have sent.
 */
export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #senders: Senders;
  readonly #lanes: ReadonlyMap<Id, Lane>;
  readonly #known = new Map<string, KnownAlert>();
  readonly #agenda = new Agenda();
  /** Alerts of which something is still to be told. */
  readonly #pending = new Set<string>();
  /** Nothing is sent before it is ready: what others sent may not be known yet. */
  readonly #hearing = new Hearing();
  #seq = 0;
  #effects: NotifyEffect[] = [];

  constructor(options: NotificationsOptions) {
    this.#options = options;
    this.#senders = new Senders(options.monitor);
    this.#lanes = new Map(options.receivers.map(({ name, perMinute }) => [name, new Lane(perMinute)]));
  }

  /** What the broker keeps has been heard. What others have sent meanwhile may have yet to reach it: they are waited for. */
  listening({ monotonic_ms }: Now): void {
    this.#hearing.listening(this.#senders.others, monotonic_ms);
    this.#touchPending();
  }

  /** What is known gets old from here on: nothing is sent until it is heard again. */
  deaf(): void {
    this.#hearing.deaf();
  }

  /** A monitor speaks now: what it has sent comes, too. @returns whether it was not heard before. */
  hears(monitor: Id, { monotonic_ms }: Now): boolean {
    const isNews = monitor !== this.#options.monitor && this.#hearing.hears(monitor, monotonic_ms);
    if (isNews) this.#touchPending();
    return isNews;
  }

  /** What is known of a monitor; `undefined`: it is forgotten. */
  monitor(monitor: Id, view: SenderView | undefined, { monotonic_ms }: Now): void {
    if (this.#senders.view(monitor, view, monotonic_ms)) this.#touchPending();
  }

  /** A monitor's alert service runs, or does not. */
  service(monitor: Id, isOnline: boolean, { monotonic_ms }: Now): void {
    if (this.#senders.service(monitor, isOnline, monotonic_ms)) this.#touchPending();
  }

  /** Which receivers a monitor has; `undefined`: it is forgotten. */
  receivers(monitor: Id, receivers: readonly Id[] | undefined): void {
    if (this.#senders.has(monitor, receivers)) this.#touchPending();
  }

  /** An alert is kept as open, or, `undefined`, no longer. @param isNews it is said now, and was not kept before. */
  opened(id: string, alert: Alert | undefined, isNews: boolean, now: Now): void {
    const known = this.#known.get(id);
    if (alert === undefined) known?.closed(undefined, now);
    else (known ?? this.#learn(alert, now)).opened(alert, isNews, now);
    this.#agenda.touch(id);
  }

  /** An alert is said to be over. */
  ended(alert: Alert, now: Now): void {
    this.#known.get(alert.id)?.closed(alert, now);
    this.#agenda.touch(alert.id);
  }

  /** Alerts that are open, as far as is known. */
  get open(): string[] {
    return [...this.#known].filter(([, { isOpen }]) => isOpen).map(([id]) => id);
  }

  /**
   * A monitor says what it knows to have been sent of an alert.
   *
   * @param keptFor_ms for how long the broker had kept that already; 0: it is said now.
   */
  said(monitor: Id, { alert, to }: Sent, keptFor_ms: number, now: Now): void {
    const { monotonic_ms, wall_ms } = now;
    const known = this.#known.get(alert.id) ?? this.#learn(alert, now);
    known.said_ms = Math.max(known.said_ms, monotonic_ms - keptFor_ms);
    for (const [receiver, told] of Object.entries(to)) {
      const isNews = known.tell(
        receiver,
        told,
        keptFor_ms === 0 ? monotonic_ms : monotonic_ms - ageOf(told.at, wall_ms),
      );
      if (isNews && keptFor_ms === 0) this.#senders.word(monitor, receiver, monotonic_ms);
    }
    this.#agenda.touch(alert.id);
  }

  /** Ends that somebody has yet to be told, the oldest first. */
  get pendingEnds(): Sent[] {
    return [...this.#known.values()].flatMap(({ pendingEnd }) => pendingEnd ?? []);
  }

  /** An end that was still to be told when this monitor's former run was over. */
  restore({ alert, to }: Sent, now: Now): void {
    const age_ms = ageOf(alert.at, now.wall_ms);
    if (age_ms >= SENT_KEPT_ms) return;
    const known = this.#learn(alert, now);
    for (const [receiver, told] of Object.entries(to)) known.tell(receiver, told, now.monotonic_ms - age_ms);
    known.closed(alert, now);
    this.#agenda.touch(alert.id);
  }

  /** How a request ended that was sent. */
  outcome(receiver: Id, alert: string, outcome: Outcome, now: Now): void {
    const [lane, known] = [this.#lanes.get(receiver), this.#known.get(alert)];
    const item = lane?.get(alert);
    if (lane === undefined || known === undefined || item === undefined || !lane.isInFlight(alert)) return;
    this.#agenda.touch(alert);
    if (outcome.is === 'arrived') {
      lane.done(alert, true);
      this.#arrived(receiver, known, item.step, now);
      return;
    }
    const isTooOld = now.monotonic_ms - (item.firstTried_ms ?? now.monotonic_ms) >= this.#options.giveUp_ms;
    if (outcome.is === 'failed') {
      lane.failed(alert, now.monotonic_ms, this.#options.pause_ms, outcome.after_ms);
      if (!isTooOld) return;
      lane.drop(alert);
    } else lane.done(alert, true);
    known.giveUp(receiver, item, outcome.why, now);
    const newest = { receiver, why: outcome.why };
    this.#effects.push({ kind: 'unsent', alert, unsent: known.unsent, newest });
  }

  /** What is to be done now, in this order. */
  advance(now: Now): NotifyEffect[] {
    if (now.monotonic_ms >= this.#hearing.ready_ms) {
      for (const id of this.#agenda.take(now.monotonic_ms, PORTION)) this.#look(id, now);
      for (const [receiver, lane] of this.#lanes) {
        for (let item = lane.take(now.monotonic_ms); item !== undefined; item = lane.take(now.monotonic_ms)) {
          this.#effects.push({ kind: 'send', receiver, notification: item.notification });
        }
      }
    }
    return this.effects();
  }

  /** What is to be said of what was done, also where nothing may be sent. */
  effects(): NotifyEffect[] {
    return this.#effects.splice(0);
  }

  /** When `advance` has something to do, by the monotonic clock. */
  nextDeadline_ms({ monotonic_ms }: Now): number {
    const lanes_ms = [...this.#lanes.values()].map((lane) => lane.nextDeadline_ms(monotonic_ms));
    return Math.max(this.#hearing.ready_ms, Math.min(this.#agenda.nextDeadline_ms, ...lanes_ms));
  }

  /** How many notifications wait for a receiver, and how often in a row it was not reached. */
  state(receiver: Id): { readonly waiting: number; readonly failures: number } {
    const { waiting = 0, failures = 0 } = this.#lanes.get(receiver) ?? {};
    return { waiting, failures };
  }

  #learn(alert: Alert, now: Now): KnownAlert {
    const known = new KnownAlert(alert, now.monotonic_ms + this.#options.unseen_ms);
    this.#known.set(alert.id, known);
    return known;
  }

  #touchPending(): void {
    for (const id of this.#pending) this.#agenda.touch(id);
  }

  #look(id: string, now: Now): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    const ranked = this.#senders.ranked(known.alert.subject);
    let isPending = false;
    for (const receiver of this.#options.receivers) {
      const due_ms = this.#lookAt(receiver, known, this.#senders.having(ranked, receiver.name), now);
      isPending ||= due_ms !== undefined;
      if (due_ms !== undefined && due_ms !== -Infinity) this.#agenda.due(id, due_ms);
    }
    if (isPending) this.#pending.add(id);
    else this.#pending.delete(id);
    if (known.isOpen) this.#sayAgain(known, ranked, now);
    else if (!isPending) this.#forget(id, known, now);
  }

  /** @returns when to look again; -Infinity: it waits in its lane; `undefined`: nothing is to be told. */
  #lookAt(receiver: Receiver, known: KnownAlert, ranked: readonly Id[], now: Now): number | undefined {
    const { id } = known.alert;
    const lane = this.#lanes.get(receiver.name) as Lane;
    const told = known.told.get(receiver.name);
    const next = nextStep(receiver, known, told, now);
    const key = next !== undefined && 'step' in next ? keyOf(id, next.step) : undefined;
    const item = lane.get(id);
    if (item !== undefined && lane.isInFlight(id)) {
      // Whether it arrived is known soon, unless another has told it already.
      if (item.notification.key !== key && isTold(item.step, told)) {
        lane.done(id, false);
        this.#effects.push({ kind: 'abort', receiver: receiver.name, alert: id });
      } else return -Infinity;
    }
    if (next === undefined || (key !== undefined && known.givenUp.has(key))) {
      lane.drop(id);
      return undefined;
    }
    if (!('step' in next)) {
      lane.drop(id);
      return next.lookAgain_ms;
    }
    const start_ms = this.#senders.start_ms(ranked, receiver.name, next.due_ms, this.#hearing.ready_ms);
    if (start_ms > now.monotonic_ms) {
      lane.drop(id);
      return start_ms;
    }
    if (next.step.event === 'end' && !receiver.resolves) {
      this.#arrived(receiver.name, known, next.step, now);
      return undefined;
    }
    this.#enqueue(lane, known, next.step, ranked);
    return -Infinity;
  }

  #enqueue(lane: Lane, known: KnownAlert, step: Step, ranked: readonly Id[]): void {
    const { id } = known.alert;
    const { monitor } = this.#options;
    const key = keyOf(id, step);
    const before = lane.get(id);
    const isSame = before?.notification.key === key;
    const alert = step.event === 'end' ? known.end : known.alert;
    lane.put(id, {
      step,
      notification: { key, event: step.event, alert, monitor },
      rank: ranked.indexOf(monitor),
      seq: isSame ? before.seq : (this.#seq += 1),
      attempts: isSame ? before.attempts : 0,
      firstTried_ms: isSame ? before.firstTried_ms : undefined,
      notBefore_ms: isSame ? before.notBefore_ms : -Infinity,
    });
  }

  #arrived(receiver: Id, known: KnownAlert, step: Step, now: Now): void {
    const { id } = known.alert;
    const isWordTakenBack = known.arrived(receiver, step, now);
    this.#senders.word(this.#options.monitor, receiver, now.monotonic_ms);
    this.#effects.push({ kind: 'sent', alert: id, sent: known.sent });
    if (isWordTakenBack) this.#effects.push({ kind: 'unsent', alert: id, unsent: known.unsent });
  }

  /** What is said is kept for a day only. */
  #sayAgain(known: KnownAlert, ranked: readonly Id[], { monotonic_ms }: Now): void {
    if (known.told.size === 0) return;
    const { id } = known.alert;
    const due_ms = known.said_ms + SAY_AGAIN_ms + ranked.indexOf(this.#options.monitor) * PATIENCE_ms;
    if (monotonic_ms >= due_ms) {
      known.said_ms = monotonic_ms;
      this.#effects.push({ kind: 'sent', alert: id, sent: known.sent });
      this.#agenda.due(id, monotonic_ms + SAY_AGAIN_ms);
    } else this.#agenda.due(id, due_ms);
  }

  /** Once it is over and all is told, nobody needs to know of it for longer than others do. */
  #forget(id: string, { closed_ms, said_ms }: KnownAlert, { monotonic_ms }: Now): void {
    const due_ms = Math.max(closed_ms, said_ms) + SENT_KEPT_ms;
    if (monotonic_ms >= due_ms) this.#known.delete(id);
    else this.#agenda.due(id, due_ms);
  }
}
