import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Alert, AlertKind, Id, Vote } from '@guaita/model';
import type { Now } from '../now.ts';
import type { VerdictChange } from '../verdict/verdicts.ts';
import { Agenda } from './agenda.ts';
import { Devices } from './devices.ts';
import type { AlertEffect } from './effect.ts';
import { alertId } from './id.ts';
import { DEVICE_KINDS, isOfMonitor, MONITOR_KINDS } from './kinds.ts';
import { Monitors } from './monitors.ts';
import { OpenAlerts } from './open-alerts.ts';
import type { AlertOptions } from './options.ts';
import { goneText, lastedText, supersededText } from './texts.ts';
import type { Wish } from './wish.ts';

/**
 * An alert that an earlier speaker left on something that is not heard of is over then: it was taken away while nobody
 * spoke. All is told by that time: the assign service takes away what is old 15 s after its start.
 */
const UNKNOWN_ms = 60_000;

/** Whoever has said something and lives has it kept within this time. */
const KEPT_ms = 60_000;

/** Whom an alert is about. */
interface Subject {
  readonly id: Id;
  readonly name: string;
  readonly tags: readonly Id[];
  readonly seen_by: readonly Vote[];
}

/**
 * Which alerts are open and which should be: a state machine. Whoever does not speak feeds it all the same, `opened` too,
 * and does not call `advance`: what it tells when it begins to speak is how the one differs from the other, so nothing is
 * lost, and nothing said twice but what a crash cut off between its saying and its keeping.
 */
export class Alerts {
  readonly #options: AlertOptions;
  readonly #monitors: Monitors;
  readonly #devices: Devices;
  readonly #open = new OpenAlerts();
  /** What was said, when, and is not kept yet as far as is known. */
  readonly #unkept = new Map<string, number>();
  readonly #deviceAgenda = new Agenda();
  readonly #monitorAgenda = new Agenda();
  /** Who is known to be there no more: later that is everyone who is not known. */
  readonly #gone = { devices: new Set<Id>(), monitors: new Set<Id>() };
  /** When that is; set by the first advance. */
  #allKnown_ms: number | undefined;
  #isAllKnown = false;

  constructor(options: AlertOptions) {
    this.#options = options;
    this.#monitors = new Monitors(options.monitor_lost_after_s * 1000);
    this.#devices = new Devices(options, this.#monitors);
  }

  /** What all monitors say of a device has changed. To be fed after its entry. */
  verdict({ device, after }: Pick<VerdictChange, 'device' | 'after'>, now: Now): void {
    this.#devices.verdict(device, after, now);
    this.#deviceAgenda.touch(device);
  }

  /** A device's entry and who watches it; `undefined`: it is gone from the inventory. */
  spec(device: Id, spec: DeviceSpec | undefined, now: Now): void {
    note(this.#gone.devices, device, spec === undefined && !this.#isAllKnown);
    this.#devices.spec(device, spec, now);
    this.#deviceAgenda.touch(device);
  }

  /** What is known of a monitor; `undefined`: it is forgotten. */
  monitor(monitor: Id, view: MonitorView | undefined, now: Now): void {
    note(this.#gone.monitors, monitor, view === undefined && !this.#isAllKnown);
    const matters = this.#monitors.hear(monitor, view, now);
    this.#monitorAgenda.touch(monitor);
    if (!matters) return;
    for (const each of this.#monitors.ids()) this.#monitorAgenda.touch(each);
    for (const device of this.#devices.ids()) {
      this.#devices.watched(device, now);
      this.#deviceAgenda.touch(device);
    }
  }

  /**
   * An alert that the broker keeps as open, or keeps no longer. Not to be fed while this one speaks: what it says itself
   * it knows, and an echo of it may be older.
   */
  opened(id: string, alert: Alert | undefined): void {
    this.#unkept.delete(id);
    const concerned = this.#open.set(id, alert);
    if (concerned !== undefined) this.#touch(concerned);
  }

  /** An alert that another has said: it may die before the broker keeps it. Not to be fed while this one speaks. */
  said(alert: Alert, { monotonic_ms }: Now): void {
    for (const [id, said_ms] of this.#unkept) if (monotonic_ms >= said_ms + KEPT_ms) this.#unkept.delete(id);
    this.#open.set(alert.id, alert.resolves ? undefined : alert);
    this.#unkept.set(alert.id, monotonic_ms);
    this.#touch(alert);
  }

  /**
   * What is to be said now, in this order. To be called by who speaks, and not before all that the broker keeps was
   * heard and judged: what is known by halves would end alerts.
   */
  advance(now: Now): AlertEffect[] {
    const { monotonic_ms } = now;
    this.#allKnown_ms ??= monotonic_ms + UNKNOWN_ms;
    if (!this.#isAllKnown && monotonic_ms >= this.#allKnown_ms) this.#noteAllKnown();
    const effects = [...this.#unkept.keys()].map((id): AlertEffect => ({
      kind: 'open',
      id,
      alert: this.#open.get(id),
    }));
    this.#unkept.clear();
    for (const monitor of this.#monitorAgenda.take(monotonic_ms)) effects.push(...this.#lookAtMonitor(monitor, now));
    for (const device of this.#deviceAgenda.take(monotonic_ms)) effects.push(...this.#lookAtDevice(device, now));
    return effects;
  }

  /** When `advance` has something to do, by the monotonic clock. */
  get nextDeadline_ms(): number {
    return Math.min(
      this.#deviceAgenda.nextDeadline_ms,
      this.#monitorAgenda.nextDeadline_ms,
      this.#isAllKnown ? Infinity : (this.#allKnown_ms ?? -Infinity),
    );
  }

  #touch({ kind, subject }: Alert): void {
    (isOfMonitor(kind) ? this.#monitorAgenda : this.#deviceAgenda).touch(subject);
  }

  #noteAllKnown(): void {
    this.#isAllKnown = true;
    this.#gone.devices.clear();
    this.#gone.monitors.clear();
    for (const alert of this.#open.values()) this.#touch(alert);
  }

  #lookAtMonitor(monitor: Id, now: Now): AlertEffect[] {
    const view = this.#monitors.get(monitor);
    if (view === undefined) {
      if (!this.#isAllKnown && !this.#gone.monitors.has(monitor)) return [];
      return MONITOR_KINDS.flatMap((kind) => this.#dismiss(kind, monitor, now));
    }
    const subject = { id: monitor, name: monitor, tags: view.tags ?? [], seen_by: [] };
    return MONITOR_KINDS.flatMap((kind) => {
      const wish = this.#monitors.wish(kind, monitor, now);
      if (wish.is === 'keep' && wish.due_ms !== undefined) this.#monitorAgenda.due(monitor, wish.due_ms);
      return this.#reconcile(kind, subject, wish, now);
    });
  }

  #lookAtDevice(device: Id, now: Now): AlertEffect[] {
    const known = this.#devices.get(device);
    if (known === undefined) {
      if (!this.#isAllKnown && !this.#gone.devices.has(device)) return [];
      return DEVICE_KINDS.flatMap((kind) => this.#dismiss(kind, device, now));
    }
    const { name, tags } = known.spec;
    const subject = { id: device, name, tags, seen_by: known.verdict?.seen_by ?? [] };
    return DEVICE_KINDS.flatMap((kind) => {
      const wish = this.#devices.wish(kind, device, this.#open.has('down', device), now);
      if (wish.is === 'keep' && wish.due_ms !== undefined) this.#deviceAgenda.due(device, wish.due_ms);
      return this.#reconcile(kind, subject, wish, now);
    });
  }

  /** How what is open becomes what is to be. */
  #reconcile(kind: AlertKind, subject: Subject, wish: Wish, now: Now): AlertEffect[] {
    const open = this.#open.of(kind, subject.id);
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
        return isOpen ? effects : [...effects, ...this.#begin(kind, subject, wish, now)];
      }
    }
  }

  #begin(
    kind: AlertKind,
    { id: subject, name, tags, seen_by }: Subject,
    { episode, since, text }: Extract<Wish, { is: 'begin' }>,
    { wall_ms }: Now,
  ): AlertEffect[] {
    const alert: Alert = {
      ...{ id: alertId(kind, subject, episode), kind, severity: this.#options.severities[kind], subject, name },
      ...{ tags: [...tags], episode, since, at: new Date(wall_ms).toISOString(), text },
      ...{ seen_by: [...seen_by], resolves: false },
    };
    this.#open.set(alert.id, alert);
    return [
      { kind: 'say', alert },
      { kind: 'open', id: alert.id, alert },
    ];
  }

  #end(alert: Alert, text: string, seen_by: readonly Vote[], { wall_ms }: Now): AlertEffect[] {
    this.#open.set(alert.id, undefined);
    const at = new Date(wall_ms).toISOString();
    return [
      { kind: 'say', alert: { ...alert, text, at, seen_by: [...seen_by], resolves: true } },
      { kind: 'open', id: alert.id, alert: undefined },
    ];
  }

  /** Ends what is open on a subject that is there no more. */
  #dismiss(kind: AlertKind, subject: Id, now: Now): AlertEffect[] {
    return this.#open.of(kind, subject).flatMap((alert) => this.#end(alert, goneText(alert.name, kind), [], now));
  }
}

function note(set: Set<Id>, id: Id, isIn: boolean): void {
  if (isIn) set.add(id);
  else set.delete(id);
}
