import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Acknowledgement, Alert, AlertKind, Id, Silence, Trouble, Vote } from '@guaita/model';
import type { Now } from '../now.ts';
import { Sites } from '../sites.ts';
import type { VerdictChange } from '../verdict/verdicts.ts';
import { Agenda } from './agenda.ts';
import { Devices } from './devices.ts';
import type { AlertEffect } from './effect.ts';
import { alertId } from './id.ts';
import { DEVICE_KINDS, MONITOR_KINDS, subjectOf, TROUBLE_KINDS } from './kinds.ts';
import { Monitors } from './monitors.ts';
import { OpenAlerts } from './open-alerts.ts';
import type { AlertOptions } from './options.ts';
import { Reports, type Matter } from './reports.ts';
import { goneText, lastedText, supersededText } from './texts.ts';
import { Wanted } from './wanted.ts';
import type { Wish } from './wish.ts';

/**
 * An alert that an earlier speaker left on something that is not heard of is over then: it was taken away while nobody
 * spoke. All is told by that time: the assign service takes away what is old 15 s after its start.
 */
const UNKNOWN_ms = 60_000;

/** What was said longer ago than this the broker keeps, or it was said and ended by somebody we did not hear. */
const KEPT_ms = 60_000;

/** So many devices are looked at in one turn: of 35,000 at once the process would hear nothing meanwhile. */
const AT_ONCE = 1000;

/** The end of a silence is looked for so often at least: wall clocks are set right. */
const LOOK_MOST_ms = 60_000;

/** Whom an alert is about. */
interface Subject {
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

/**
 * Which alerts are open and which should be: a state machine. Whoever does not speak feeds it all the same, `said` too,
 * and does not call `advance`. Before it speaks it is fed what the broker keeps (`learned`): what it tells first is how
 * that differs from what should be, so nothing is lost, and nothing said twice but what a crash cut off between its
 * saying and its keeping while nobody listened.
 */
export class Alerts {
  readonly #options: AlertOptions;
  readonly #site: Id;
  readonly #monitors: Monitors;
  readonly #devices: Devices;
  readonly #reports = new Reports();
  readonly #open = new OpenAlerts();
  /** What another has said in the last while, and when: it may have died before the broker kept it. */
  readonly #heard = new Map<string, number>();
  /** What the broker is to be told again whether it is open. */
  readonly #toRepeat = new Set<string>();
  readonly #wanted = new Wanted();
  readonly #sites = new Sites();
  readonly #deviceAgenda = new Agenda();
  readonly #monitorAgenda = new Agenda();
  readonly #siteAgenda = new Agenda();
  /** Who is known to be there no more: later that is everyone who is not known. */
  readonly #gone = { devices: new Set<Id>(), monitors: new Set<Id>() };
  /** When that is; set by the first advance. */
  #allKnown_ms: number | undefined;
  #isAllKnown = false;

  /** @param site whose monitors' measurements are told of here. */
  constructor(options: AlertOptions, site: Id) {
    this.#options = options;
    this.#site = site;
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
    if (spec === undefined) this.#reports.forget(device);
    this.#devices.spec(device, spec, now);
    this.#deviceAgenda.touch(device);
  }

  /** What a monitor of this site has measured amiss with a device. */
  troubles(monitor: Id, device: Id, troubles: readonly Trouble[]): void {
    this.#reports.note(monitor, device, troubles, this.#voters(device).includes(monitor));
    this.#deviceAgenda.touch(device);
  }

  /** What is known of a monitor; `undefined`: it is forgotten. */
  monitor(monitor: Id, view: MonitorView | undefined, now: Now): void {
    note(this.#gone.monitors, monitor, view === undefined && !this.#isAllKnown);
    const before = this.#monitors.get(monitor);
    const matters = this.#monitors.hear(monitor, view, now);
    if (this.#sites.hear(monitor, view)) this.#touchOpen();
    this.#monitorAgenda.touch(monitor);
    for (const known of [before, view]) if (known !== undefined) this.#siteAgenda.touch(known.site);
    if (!matters) return;
    for (const each of this.#monitors.ids()) this.#monitorAgenda.touch(each);
    for (const each of this.#monitors.sites()) this.#siteAgenda.touch(each);
    for (const device of this.#devices.ids()) {
      this.#devices.watched(device, now);
      this.#deviceAgenda.touch(device);
    }
  }

  /** An alert that another has said. Not to be fed while this one speaks: an echo may be older than what it knows. */
  said(alert: Alert, now: Now): void {
    this.#forgetOld(now);
    this.#heard.delete(alert.id);
    this.#heard.set(alert.id, now.monotonic_ms);
    this.#note(alert.id, alert.resolves ? undefined : alert);
  }

  /** Others may have spoken unheard: what was heard before them says nothing about what is open now. */
  missed(): void {
    this.#heard.clear();
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
    this.#forgetOld(now);
    for (const { id } of [...this.#open.values()]) if (!kept.has(id) && !this.#heard.has(id)) this.#note(id, undefined);
    for (const [id, alert] of kept) if (!this.#heard.has(id)) this.#note(id, alert);
    for (const id of [...kept.keys(), ...this.#heard.keys()]) this.#toRepeat.add(id);
    this.#heard.clear();
  }

  /**
   * What is to be said now, in this order; of very much, the rest is said by the next calls. To be called by who speaks,
   * and not before all that the broker keeps was heard and judged: what is known by halves would end alerts.
   */
  advance(now: Now): AlertEffect[] {
    const { monotonic_ms } = now;
    this.#allKnown_ms ??= monotonic_ms + UNKNOWN_ms;
    if (!this.#isAllKnown && monotonic_ms >= this.#allKnown_ms) this.#noteAllKnown();
    // Also what the broker keeps already: who speaks tells it again to a broker that has lost it.
    const effects = [...this.#toRepeat].map((id): AlertEffect => ({ kind: 'open', id, alert: this.#open.get(id) }));
    this.#toRepeat.clear();
    for (const monitor of this.#monitorAgenda.take(monotonic_ms, AT_ONCE)) {
      effects.push(...this.#lookAtMonitor(monitor, now));
    }
    for (const site of this.#siteAgenda.take(monotonic_ms, AT_ONCE)) effects.push(...this.#lookAtSite(site, now));
    for (const device of this.#deviceAgenda.take(monotonic_ms, AT_ONCE)) {
      effects.push(...this.#lookAtDevice(device, now));
    }
    return effects;
  }

  /** When `advance` has something to do, by the monotonic clock. */
  get nextDeadline_ms(): number {
    return Math.min(
      this.#deviceAgenda.nextDeadline_ms,
      this.#monitorAgenda.nextDeadline_ms,
      this.#siteAgenda.nextDeadline_ms,
      this.#isAllKnown ? Infinity : (this.#allKnown_ms ?? -Infinity),
    );
  }

  #forgetOld({ monotonic_ms }: Now): void {
    for (const [id, heard_ms] of this.#heard) {
      if (monotonic_ms < heard_ms + KEPT_ms) break;
      this.#heard.delete(id);
    }
  }

  #note(id: string, alert: Alert | undefined): void {
    const concerned = this.#open.set(id, alert);
    if (concerned !== undefined) this.#touch(concerned);
  }

  #touch({ kind, subject }: Alert): void {
    const agendas = { device: this.#deviceAgenda, monitor: this.#monitorAgenda, site: this.#siteAgenda };
    agendas[subjectOf(kind)].touch(subject);
  }

  #touchOpen(): void {
    for (const alert of this.#open.values()) this.#touch(alert);
  }

  #noteAllKnown(): void {
    this.#isAllKnown = true;
    this.#gone.devices.clear();
    this.#gone.monitors.clear();
    this.#touchOpen();
  }

  #lookAtMonitor(monitor: Id, now: Now): AlertEffect[] {
    const view = this.#monitors.get(monitor);
    if (view === undefined) {
      if (!this.#isAllKnown && !this.#gone.monitors.has(monitor)) return [];
      return MONITOR_KINDS.flatMap((kind) => this.#dismiss(kind, monitor, now));
    }
    const { site, tags = [] } = view;
    const subject = { id: monitor, name: monitor, tags, sites: [site], inMaintenance: false, seen_by: [] };
    return MONITOR_KINDS.flatMap((kind) => {
      const wish = this.#monitors.wish(kind, monitor, now);
      if (wish.is === 'keep' && wish.due_ms !== undefined) this.#monitorAgenda.due(monitor, wish.due_ms);
      return [...this.#reconcile(kind, subject, wish, now), ...this.#mark(kind, subject, this.#monitorAgenda, now)];
    });
  }

  #lookAtDevice(device: Id, now: Now): AlertEffect[] {
    const known = this.#devices.get(device);
    if (known === undefined) {
      if (!this.#isAllKnown && !this.#gone.devices.has(device)) return [];
      return [...DEVICE_KINDS, ...TROUBLE_KINDS].flatMap((kind) => this.#dismiss(kind, device, now));
    }
    const { name, tags, placement } = known.spec;
    const sites = this.#sites.of(placement);
    const { seen_by = [], maintenance } = known.verdict ?? {};
    const subject = { id: device, name, tags, sites, inMaintenance: maintenance !== undefined, seen_by };
    const effects = DEVICE_KINDS.flatMap((kind) => {
      const wish = this.#devices.wish(kind, device, this.#open.has('down', device), now);
      if (wish.is === 'keep' && wish.due_ms !== undefined) this.#deviceAgenda.due(device, wish.due_ms);
      return [...this.#reconcile(kind, subject, wish, now), ...this.#mark(kind, subject, this.#deviceAgenda, now)];
    });
    const matters = this.#matters(device);
    if (matters.length === 0) return effects;
    const facts = { name, verdict: known.verdict, voters: this.#voters(device) };
    for (const matter of matters) {
      const wish = this.#reports.wish(device, matter, facts, now);
      if (wish.is === 'keep' && wish.due_ms !== undefined) this.#deviceAgenda.due(device, wish.due_ms);
      effects.push(...this.#reconcile(matter.kind, { ...subject, part: matter.part }, wish, now));
    }
    for (const kind of new Set(matters.map((matter) => matter.kind))) {
      effects.push(...this.#mark(kind, subject, this.#deviceAgenda, now));
    }
    return effects;
  }

  #lookAtSite(site: Id, now: Now): AlertEffect[] {
    if (!this.#monitors.hasSite(site)) return this.#isAllKnown ? this.#dismiss('site-lost', site, now) : [];
    const wish = this.#monitors.siteWish(site, now);
    if (wish.is === 'keep' && wish.due_ms !== undefined) this.#siteAgenda.due(site, wish.due_ms);
    const subject = { id: site, name: site, tags: [], sites: [site], inMaintenance: false, seen_by: [] };
    return [
      ...this.#reconcile('site-lost', subject, wish, now),
      ...this.#mark('site-lost', subject, this.#siteAgenda, now),
    ];
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

  /** How what is open becomes what is to be. */
  #reconcile(kind: AlertKind, subject: Subject, wish: Wish, now: Now): AlertEffect[] {
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

  /** What is open bears what operators want of it; what began silenced is told when that is over. */
  #mark(kind: AlertKind, { id: subject, sites }: Subject, agenda: Agenda, now: Now): AlertEffect[] {
    return this.#open.of(kind, subject).flatMap((alert): AlertEffect[] => {
      const marked = this.#wanted.mark(alert, sites, now.wall_ms);
      const { silenced } = marked;
      if (silenced !== undefined) {
        const left_ms = Math.min(Date.parse(silenced.until) - now.wall_ms, LOOK_MOST_ms);
        agenda.due(subject, now.monotonic_ms + left_ms);
      }
      if (silenced === undefined && alert.untold === true) return this.#tell(marked, now);
      return marked === alert ? [] : this.#keep(marked);
    });
  }

  #tell({ untold: _untold, ...alert }: Alert, { wall_ms }: Now): AlertEffect[] {
    const told = { ...alert, at: new Date(wall_ms).toISOString() };
    return [{ kind: 'say', alert: asTold(told) }, ...this.#keep(told)];
  }

  #keep(alert: Alert): AlertEffect[] {
    this.#open.set(alert.id, alert);
    return [{ kind: 'open', id: alert.id, alert }];
  }

  #begin(
    kind: AlertKind,
    { id: subject, part, name, tags, sites, seen_by }: Subject,
    { episode, since, text }: Extract<Wish, { is: 'begin' }>,
    now: Now,
  ): AlertEffect[] {
    const alert: Alert = {
      ...{
        id: alertId(kind, subject, episode, part),
        kind,
        severity: this.#options.severity(kind, tags),
        subject,
        name,
      },
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
    const end: AlertEffect = {
      kind: 'say',
      alert: { ...asTold(alert), text, at, seen_by: [...seen_by], resolves: true },
    };
    // Nobody waits for the end of what was never told.
    return [...(alert.untold === true ? [] : [end]), { kind: 'open', id: alert.id, alert: undefined }];
  }

  /** Ends what is open on a subject that is there no more. */
  #dismiss(kind: AlertKind, subject: Id, now: Now): AlertEffect[] {
    return this.#open.of(kind, subject).flatMap((alert) => this.#end(alert, goneText(alert.name, kind), [], now));
  }
}

/** As it is told: what operators want of it stands where it is kept. */
function asTold({ silenced: _silenced, untold: _untold, acknowledged: _acknowledged, ...alert }: Alert): Alert {
  return alert;
}

function note(set: Set<Id>, id: Id, isIn: boolean): void {
  if (isIn) set.add(id);
  else set.delete(id);
}
