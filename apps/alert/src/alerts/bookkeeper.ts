import type { Alert, AlertKind, Id, Vote } from '@guaita/model';
import type { Now } from '../now.ts';
import type { AlertEffect } from './effect.ts';
import { alertId } from './id.ts';
import type { OpenAlerts } from './open-alerts.ts';
import type { AlertOptions } from './options.ts';
import { goneText, lastedText, supersededText } from './texts.ts';
import type { Wanted } from './wanted.ts';
import type { Wish } from './wish.ts';

/** The end of a silence is looked for so often at least: wall clocks are set right. */
const LOOK_MOST_ms = 60_000;

/** Whom an alert is about. */
export interface Subject {
  readonly id: Id;
  readonly name: string;
  /** The interface of a device. */
  readonly part?: string | undefined;
  readonly tags: readonly Id[];
  readonly sites: readonly Id[];
  /** Nothing new is told of it. */
  readonly inMaintenance: boolean;
  readonly seen_by: readonly Vote[];
}

/** Makes what is open what is to be open, marked as operators want it, and tells what is to be said of that. */
export class Bookkeeper {
  readonly #open: OpenAlerts;
  readonly #wanted: Wanted;
  readonly #severity: AlertOptions['severity'];

  constructor(open: OpenAlerts, wanted: Wanted, severity: AlertOptions['severity']) {
    this.#open = open;
    this.#wanted = wanted;
    this.#severity = severity;
  }

  /** How what is open on a part of a subject, or on itself, becomes what is to be. */
  reconcile(kind: AlertKind, subject: Subject, wish: Wish, now: Now): AlertEffect[] {
    const open = this.#open.ofPart(kind, subject.id, subject.part);
    switch (wish.is) {
      case 'keep':
        return [];
      case 'end':
        return open.flatMap((alert) => {
          const text = `${wish.text}, after ${lastedText(alert.since, now.wall_ms)}`;
          return this.#end(alert, text, subject.seen_by, now);
        });
      case 'begin': {
        const newest = Math.max(wish.episode, ...open.map(({ episode }) => episode));
        const effects = open
          .filter(({ episode }) => episode < newest)
          .flatMap((alert) => this.#end(alert, supersededText(alert.name), subject.seen_by, now));
        const isOpen = open.some(({ episode }) => episode === newest);
        return isOpen || subject.inMaintenance ? effects : [...effects, ...this.#begin(kind, subject, wish, now)];
      }
    }
  }

  /**
   * What is open bears what operators want of it; what began silenced is told when that is over.
   *
   * @param lookAgain told when that may be otherwise, by the monotonic clock.
   */
  mark(kind: AlertKind, { id, sites }: Subject, now: Now, lookAgain: (at_ms: number) => void): AlertEffect[] {
    return this.#open.of(kind, id).flatMap((alert): AlertEffect[] => {
      const marked = this.#wanted.mark(alert, sites, now.wall_ms);
      const { silenced } = marked;
      if (silenced !== undefined) {
        lookAgain(now.monotonic_ms + Math.min(Date.parse(silenced.until) - now.wall_ms, LOOK_MOST_ms));
      }
      if (silenced === undefined && alert.untold === true) return this.#tell(marked, now);
      return marked === alert ? [] : this.#keep(marked);
    });
  }

  /** Ends what is open on a subject that is there no more. */
  dismiss(kind: AlertKind, subject: Id, now: Now): AlertEffect[] {
    return this.#open.of(kind, subject).flatMap((alert) => this.#end(alert, goneText(alert.name, kind), [], now));
  }

  #begin(
    kind: AlertKind,
    { id: subject, part, name, tags, sites, seen_by }: Subject,
    { episode, since, text }: Extract<Wish, { is: 'begin' }>,
    now: Now,
  ): AlertEffect[] {
    const alert: Alert = {
      ...{ id: alertId(kind, subject, episode, part), kind, severity: this.#severity(kind, tags), subject, name },
      ...(part === undefined ? {} : { part }),
      ...{ tags: [...tags], episode, since, at: new Date(now.wall_ms).toISOString(), text },
      ...{ seen_by: [...seen_by], resolves: false },
    };
    const marked = this.#wanted.mark(alert, sites, now.wall_ms);
    return marked.silenced === undefined ? this.#tell(marked, now) : this.#keep({ ...marked, untold: true });
  }

  #end(alert: Alert, text: string, seen_by: readonly Vote[], { wall_ms }: Now): AlertEffect[] {
    this.#open.set(alert.id, undefined);
    const at = new Date(wall_ms).toISOString();
    const end = { ...asTold(alert), text, at, seen_by: [...seen_by], resolves: true };
    // Nobody waits for the end of what was never told.
    const said: AlertEffect[] = alert.untold === true ? [] : [{ kind: 'say', alert: end }];
    return [...said, { kind: 'open', id: alert.id, alert: undefined }];
  }

  #tell({ untold: _untold, ...alert }: Alert, { wall_ms }: Now): AlertEffect[] {
    const told = { ...alert, at: new Date(wall_ms).toISOString() };
    return [{ kind: 'say', alert: asTold(told) }, ...this.#keep(told)];
  }

  #keep(alert: Alert): AlertEffect[] {
    this.#open.set(alert.id, alert);
    return [{ kind: 'open', id: alert.id, alert }];
  }
}

/** As it is told: what operators want of it stands where it is kept. */
function asTold({ silenced: _silenced, untold: _untold, acknowledged: _acknowledged, ...alert }: Alert): Alert {
  return alert;
}
