import type { DeviceSpec, DiskState, MonitorView, ServicesLeftOut } from '@guaita/messages';
import type { Acknowledgement, Alert, AlertKind, Id, Silence, Trouble } from '@guaita/model';
import type { Now } from '../now.ts';
import { Sites } from '../sites.ts';
import type { VerdictChange } from '../verdict/verdicts.ts';
import { Agenda } from './agenda.ts';
import { Bookkeeper, type Subject } from './bookkeeper.ts';
import { Devices } from './devices.ts';
import { Disks } from './disks.ts';
import type { AlertEffect } from './effect.ts';
import { Gone } from './gone.ts';
import { DEVICE_KINDS, MONITOR_KINDS, type MonitorKind, type SubjectKind, subjectOf, TROUBLE_KINDS } from './kinds.ts';
import { LastWords } from './last-words.ts';
import { Monitors } from './monitors.ts';
import { OpenAlerts } from './open-alerts.ts';
import type { AlertOptions } from './options.ts';
import { Reports, type Matter } from './reports.ts';
import { LeftOutServices } from './services-left-out.ts';
import { Wanted } from './wanted.ts';
import type { Wish } from './wish.ts';

/** So many devices are looked at in one turn: of 35,000 at once the process would hear nothing meanwhile. */
const AT_ONCE = 1000;

/**
 * Which alerts are open and which should be: a state machine. Whoever does not speak feeds it all the same, `said` too,
 * and does not call `advance`. Before it speaks it is fed what the broker keeps (`learned`): what it tells first is how
 * that differs from what should be, so nothing is lost, and nothing said twice but what a crash cut off between its
 * saying and its keeping while nobody listened.
 */
export class Alerts {
  readonly #site: Id;
  readonly #monitors: Monitors;
  readonly #devices: Devices;
  readonly #disks = new Disks();
  readonly #leftOut = new LeftOutServices();
  readonly #sites = new Sites();
  readonly #reports = new Reports();
  readonly #gone = new Gone();
  readonly #open = new OpenAlerts();
  readonly #wanted = new Wanted();
  readonly #book: Bookkeeper;
  /** What another has said in the last while. */
  readonly #lastWords = new LastWords();
  /** What the broker is to be told again whether it is open. */
  readonly #toRepeat = new Set<string>();
  readonly #agendas: Readonly<Record<SubjectKind, Agenda>> = {
    monitor: new Agenda(),
    site: new Agenda(),
    device: new Agenda(),
  };

  /** @param site whose monitors' measurements are told of here. */
  constructor(options: AlertOptions, site: Id) {
    this.#site = site;
    this.#monitors = new Monitors(options);
    this.#devices = new Devices(options, this.#monitors);
    this.#book = new Bookkeeper(this.#open, this.#wanted, options.severity);
  }

  /** What all monitors say of a device has changed. To be fed after its entry. */
  verdict({ device, after }: Pick<VerdictChange, 'device' | 'after'>, now: Now): void {
    this.#devices.verdict(device, after, now);
    this.#agendas.device.touch(device);
  }

  /** A device's entry and who watches it; `undefined`: it is gone from the inventory. */
  spec(device: Id, spec: DeviceSpec | undefined, now: Now): void {
    this.#gone.note('device', device, spec === undefined);
    if (spec === undefined) this.#reports.forget(device);
    this.#devices.spec(device, spec, now);
    this.#agendas.device.touch(device);
  }

  /** What a monitor of this site has measured amiss with a device. */
  troubles(monitor: Id, device: Id, troubles: readonly Trouble[]): void {
    this.#reports.note(monitor, device, troubles, this.#voters(device).includes(monitor));
    this.#agendas.device.touch(device);
  }

  /** What is known of a monitor; `undefined`: it is forgotten. */
  monitor(monitor: Id, view: MonitorView | undefined, now: Now): void {
    this.#gone.note('monitor', monitor, view === undefined);
    if (view === undefined) this.#leftOut.forget(monitor);
    const before = this.#monitors.get(monitor);
    const matters = this.#monitors.hear(monitor, view, now);
    if (this.#sites.hear(monitor, view)) this.#touchOpen();
    this.#agendas.monitor.touch(monitor);
    for (const known of [before, view]) if (known !== undefined) this.#agendas.site.touch(known.site);
    if (!matters) return;
    for (const each of this.#monitors.ids()) this.#agendas.monitor.touch(each);
    for (const each of this.#monitors.sites()) this.#agendas.site.touch(each);
    for (const device of this.#devices.ids()) {
      this.#devices.watched(device, now);
      this.#agendas.device.touch(device);
    }
  }

  /** How the disk stands on which a monitor keeps history; `undefined`: it says so no more. */
  disk(monitor: Id, state: DiskState | undefined): void {
    this.#disks.hear(monitor, state);
    this.#agendas.monitor.touch(monitor);
  }

  /** Which services a monitor cannot tell of by Serf; `undefined`: what it said was taken away. */
  leftOut(monitor: Id, said: ServicesLeftOut | undefined, now: Now): void {
    this.#leftOut.hear(monitor, said, now);
    this.#agendas.monitor.touch(monitor);
  }

  /** An alert that another has said. Not to be fed while this one speaks: an echo may be older than what it knows. */
  said(alert: Alert, now: Now): void {
    this.#lastWords.hear(alert.id, now);
    this.#note(alert.id, alert.resolves ? undefined : alert);
  }

  /** Others may have spoken unheard: what was heard before them says nothing about what is open now. */
  missed(): void {
    this.#lastWords.forget();
  }

  /** Alerts are silenced so; `undefined`: no longer. */
  silence(id: Id, silence: Silence | undefined): void {
    const mayConcern = this.#wanted.silence(id, silence);
    for (const alert of this.#open.values()) if (mayConcern(alert)) this.#touch(alert);
  }

  /** An alert is acknowledged; `undefined`: no longer. */
  acknowledge(id: string, acknowledgement: Acknowledgement | undefined): void {
    this.#wanted.acknowledge(id, acknowledgement);
    const open = this.#open.get(id);
    if (open !== undefined) this.#touch(open);
  }

  /**
   * All that the broker keeps as open, by id, to be fed right before this one begins to speak; `undefined`: what is kept
   * cannot be read. What was heard lately counts more: whoever said it died before it was kept.
   */
  learned(kept: ReadonlyMap<string, Alert | undefined>, now: Now): void {
    const heard = this.#lastWords.take(now);
    for (const { id } of [...this.#open.values()]) if (!kept.has(id) && !heard.has(id)) this.#note(id, undefined);
    for (const [id, alert] of kept) if (!heard.has(id)) this.#note(id, alert);
    for (const id of [...kept.keys(), ...heard]) this.#toRepeat.add(id);
  }

  /**
   * What is to be said now, in this order; of very much, the rest is said by the next calls. To be called by who speaks,
   * and not before all that the broker keeps was heard and judged: what is known by halves would end alerts.
   */
  advance(now: Now): AlertEffect[] {
    if (this.#gone.advance(now)) this.#touchOpen();
    // Also what the broker keeps already: who speaks tells it again to a broker that has lost it.
    const effects = [...this.#toRepeat].map((id): AlertEffect => ({ kind: 'open', id, alert: this.#open.get(id) }));
    this.#toRepeat.clear();
    const { monitor: monitors, site: sites, device: devices } = this.#agendas;
    const { monotonic_ms } = now;
    for (const monitor of monitors.take(monotonic_ms, AT_ONCE)) effects.push(...this.#lookAtMonitor(monitor, now));
    for (const site of sites.take(monotonic_ms, AT_ONCE)) effects.push(...this.#lookAtSite(site, now));
    for (const device of devices.take(monotonic_ms, AT_ONCE)) effects.push(...this.#lookAtDevice(device, now));
    return effects;
  }

  /** When `advance` has something to do, by the monotonic clock. */
  get nextDeadline_ms(): number {
    const agendas = Object.values(this.#agendas).map((agenda) => agenda.nextDeadline_ms);
    return Math.min(this.#gone.nextDeadline_ms, ...agendas);
  }

  #note(id: string, alert: Alert | undefined): void {
    const concerned = this.#open.set(id, alert);
    if (concerned !== undefined) this.#touch(concerned);
  }

  #touch({ kind, subject }: Alert): void {
    this.#agendas[subjectOf(kind)].touch(subject);
  }

  #touchOpen(): void {
    for (const alert of this.#open.values()) this.#touch(alert);
  }

  #lookAtMonitor(monitor: Id, now: Now): AlertEffect[] {
    const view = this.#monitors.get(monitor);
    if (view === undefined) return this.#dismiss('monitor', MONITOR_KINDS, monitor, now);
    const { site, tags = [] } = view;
    const subject = { id: monitor, name: monitor, tags, sites: [site], inMaintenance: false, seen_by: [] };
    return MONITOR_KINDS.flatMap((kind) => {
      const wish = this.#monitorWish(kind, monitor, now);
      return [...this.#settle(kind, subject, wish, now), ...this.#mark(kind, subject, now)];
    });
  }

  #monitorWish(kind: MonitorKind, monitor: Id, now: Now): Wish {
    switch (kind) {
      case 'monitor-disk-low':
      case 'monitor-disk-full':
        return this.#disks.wish(kind, monitor, now);
      case 'monitor-services-left-out':
        return this.#leftOut.wish(monitor, now);
      case 'monitor-isolated':
      case 'monitor-lost':
        return this.#monitors.wish(kind, monitor, now);
    }
  }

  #lookAtSite(site: Id, now: Now): AlertEffect[] {
    const kind = 'site-lost';
    if (!this.#monitors.hasSite(site)) return this.#dismiss('site', [kind], site, now);
    const subject = { id: site, name: site, tags: [], sites: [site], inMaintenance: false, seen_by: [] };
    const wish = this.#monitors.siteWish(site, now);
    return [...this.#settle(kind, subject, wish, now), ...this.#mark(kind, subject, now)];
  }

  #lookAtDevice(device: Id, now: Now): AlertEffect[] {
    const known = this.#devices.get(device);
    if (known === undefined) return this.#dismiss('device', [...DEVICE_KINDS, ...TROUBLE_KINDS], device, now);
    const { name, tags, placement } = known.spec;
    const sites = this.#sites.of(placement);
    const { seen_by = [], maintenance } = known.verdict ?? {};
    const subject = { id: device, name, tags, sites, inMaintenance: maintenance !== undefined, seen_by };
    const effects = DEVICE_KINDS.flatMap((kind) => {
      const wish = this.#devices.wish(kind, device, this.#open.has('down', device), now);
      return [...this.#settle(kind, subject, wish, now), ...this.#mark(kind, subject, now)];
    });
    const matters = this.#matters(device);
    if (matters.length === 0) return effects;
    const facts = { name, verdict: known.verdict, voters: this.#voters(device) };
    for (const matter of matters) {
      const wish = this.#reports.wish(device, matter, facts, now);
      effects.push(...this.#settle(matter.kind, { ...subject, part: matter.part }, wish, now));
    }
    for (const kind of new Set(matters.map((matter) => matter.kind))) effects.push(...this.#mark(kind, subject, now));
    return effects;
  }

  /** All that somebody says is amiss with a device, or that is told of it. */
  #matters(device: Id): readonly Matter[] {
    const told = TROUBLE_KINDS.flatMap((kind) => this.#open.of(kind, device).map(({ part }) => ({ kind, part })));
    return this.#reports.matters(device, told);
  }

  /** The monitors of this site that measure a device and can tell. */
  #voters(device: Id): Id[] {
    const claims = this.#devices.get(device)?.spec.claims ?? [];
    return claims.flatMap(({ monitor, sees }) => {
      const view = this.#monitors.get(monitor);
      const counts = view?.site === this.#site && view.alive && view.probing && !view.isolated && sees !== 'unprobed';
      return counts ? [monitor] : [];
    });
  }

  #settle(kind: AlertKind, subject: Subject, wish: Wish, now: Now): AlertEffect[] {
    if (wish.is !== 'end' && wish.due_ms !== undefined) this.#agendas[subjectOf(kind)].due(subject.id, wish.due_ms);
    return this.#book.reconcile(kind, subject, wish, now);
  }

  #mark(kind: AlertKind, subject: Subject, now: Now): AlertEffect[] {
    return this.#book.mark(kind, subject, now, (at_ms) => this.#agendas[subjectOf(kind)].due(subject.id, at_ms));
  }

  /** Ends what is open on somebody who is not known, if that is known to be there no more. */
  #dismiss(who: SubjectKind, kinds: readonly AlertKind[], id: Id, now: Now): AlertEffect[] {
    return this.#gone.has(who, id) ? kinds.flatMap((kind) => this.#book.dismiss(kind, id, now)) : [];
  }
}
