import type { Sent, Told, Unsent } from '@guaita/messages';
import type { Alert, Id } from '@guaita/model';
import type { Now } from '../now.ts';
import type { Item } from './lane.ts';
import type { Standing } from './next-step.ts';
import type { Step } from './notification.ts';
import { newerTold, toldAfter, type ToldHere } from './told.ts';

/** All that is known here of one alert and of what was told of it. */
export class KnownAlert implements Standing {
  #alert: Alert;
  #end: Alert | undefined;
  #isOpen = false;
  #opened_ms = -Infinity;
  #heard_ms = -Infinity;
  #freed_ms = -Infinity;
  #closed_ms: number;
  readonly told = new Map<Id, ToldHere>();
  /** Keys of what was given up. */
  readonly givenUp = new Set<string>();
  readonly #unsent = new Map<Id, Unsent['to'][Id]>();
  /** When anybody last said what was sent of it. */
  said_ms = -Infinity;

  /** @param closed_ms when it is taken for over, unless it is seen open. */
  constructor(alert: Alert, closed_ms: number) {
    this.#alert = alert;
    this.#closed_ms = closed_ms;
  }

  get alert(): Alert {
    return this.#alert;
  }

  /** What is told when it is over. */
  get end(): Alert {
    return this.#end ?? { ...this.#alert, resolves: true, text: `${this.#alert.name}: “${this.#alert.kind}” is over` };
  }

  /** The end that somebody has yet to be told, in the words in which it was said, and what each was told before. */
  get pendingEnd(): Sent | undefined {
    const isPending = !this.#isOpen && [...this.told.values()].some(({ ended }) => !ended);
    return isPending && this.#end !== undefined ? this.#sentOf(this.#end) : undefined;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get opened_ms(): number {
    return this.#opened_ms;
  }

  get heard_ms(): number {
    return this.#heard_ms;
  }

  get freed_ms(): number {
    return this.#freed_ms;
  }

  get closed_ms(): number {
    return this.#closed_ms;
  }

  get isSilenced(): boolean {
    return this.#alert.silenced !== undefined;
  }

  get isAcknowledged(): boolean {
    return this.#alert.acknowledged !== undefined;
  }

  /** It is open. @param isNews it was not kept before: it has just begun. */
  opened(alert: Alert, isNews: boolean, { monotonic_ms, wall_ms }: Now): void {
    const wasQuiet = this.isSilenced || this.isAcknowledged;
    this.#alert = alert;
    if (wasQuiet && !this.isSilenced && !this.isAcknowledged) this.#freed_ms = monotonic_ms;
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#end = undefined;
    this.givenUp.clear();
    this.#heard_ms = monotonic_ms;
    this.#opened_ms = isNews ? monotonic_ms : monotonic_ms - ageOf(alert.at, wall_ms);
  }

  /** It is over. @param end what is said of that, where it is known. */
  closed(end: Alert | undefined, { monotonic_ms }: Now): void {
    this.#end = end ?? this.#end;
    // Who has not seen it open believes only who says so.
    if (this.#isOpen || end !== undefined)
      this.#closed_ms = Math.min(this.#isOpen ? Infinity : this.#closed_ms, monotonic_ms);
    this.#isOpen = false;
  }

  /** What a receiver was told is known. @returns whether that is news. */
  tell(receiver: Id, told: Told, at_ms: number): boolean {
    const before = this.told.get(receiver);
    const newest = newerTold(before, { ...told, at_ms });
    if (newest === before) return false;
    this.told.set(receiver, newest);
    return true;
  }

  /** A receiver has been told. @returns whether it is taken back that it was not. */
  arrived(receiver: Id, step: Step, { monotonic_ms, wall_ms }: Now): boolean {
    this.tell(receiver, toldAfter(step, this.told.get(receiver), new Date(wall_ms).toISOString()), monotonic_ms);
    this.said_ms = monotonic_ms;
    return this.#unsent.delete(receiver);
  }

  /** A receiver is not told something, and it is not tried any more. */
  giveUp(receiver: Id, { step, notification, attempts }: Item, why: string, { monotonic_ms, wall_ms }: Now): void {
    const { event, key } = notification;
    const at = new Date(wall_ms).toISOString();
    this.givenUp.add(key);
    this.#unsent.set(receiver, { event, key, why, attempts, at });
    // The next reminder may arrive, and so may the next begin.
    if (event !== 'begin') this.tell(receiver, toldAfter(step, this.told.get(receiver), at), monotonic_ms);
  }

  /** What was given up of it; `undefined`: nothing. */
  get unsent(): Unsent | undefined {
    if (this.#unsent.size === 0) return undefined;
    return { alert: { ...this.#alert, seen_by: [] }, to: Object.fromEntries(this.#unsent) };
  }

  /** What is known to have been sent of it, as all are told. */
  get sent(): Sent {
    return this.#sentOf(this.#alert);
  }

  #sentOf(alert: Alert): Sent {
    const to = [...this.told].map(([receiver, { at_ms: _at_ms, ...told }]): [Id, Told] => [receiver, told]);
    return { alert: { ...alert, seen_by: [] }, to: Object.fromEntries(to) };
  }
}

/** How long ago something was, by the wall clock of whoever said it: nothing is in the future. */
export function ageOf(at: string, wall_ms: number): number {
  return Math.max(0, wall_ms - Date.parse(at));
}
