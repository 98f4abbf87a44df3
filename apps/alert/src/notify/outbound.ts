import type { Id } from '@guaita/model';
import type { Notification } from './notification.ts';
import type { Outcome } from './effect.ts';
import type { ReceiverConfig } from './config.ts';
import { tell } from './tell.ts';

/** What is under way is let arrive for so long when the service stops, so that it is said as sent. */
const FINISH_ms = 2_000;

/** The requests that are under way. */
export class Outbound {
  readonly #receivers: Readonly<Record<Id, ReceiverConfig>>;
  readonly #onOutcome: (receiver: Id, notification: Notification, outcome: Outcome) => void;
  readonly #underWay = new Map<string, { readonly end: AbortController; readonly done: Promise<void> }>();

  /** @param onOutcome told how each request ended, but for those that were aborted. */
  constructor(
    receivers: Readonly<Record<Id, ReceiverConfig>>,
    onOutcome: (receiver: Id, notification: Notification, outcome: Outcome) => void,
  ) {
    this.#receivers = receivers;
    this.#onOutcome = onOutcome;
  }

  send(receiver: Id, notification: Notification): void {
    const way = this.#receivers[receiver];
    if (way === undefined) return;
    const end = new AbortController();
    const place = `${receiver}/${notification.alert.id}`;
    const done = tell(way, notification, end.signal).then(({ outcome }) => {
      if (end.signal.aborted) return;
      this.#underWay.delete(place);
      this.#onOutcome(receiver, notification, outcome);
    });
    this.#underWay.set(place, { end, done });
  }

  abort(receiver: Id, alert: string): void {
    const place = `${receiver}/${alert}`;
    this.#underWay.get(place)?.end.abort();
    this.#underWay.delete(place);
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    const all = [...this.#underWay.values()];
    const timer = setTimeout(() => {
      for (const { end } of all) end.abort();
    }, FINISH_ms);
    await Promise.all(all.map(({ done }) => done));
    clearTimeout(timer);
  }
}
