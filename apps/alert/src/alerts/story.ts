import type { DeviceSpec, DiskState, MonitorView, ServicesLeftOut } from '@guaita/messages';
import {
  TroubleKind,
  type Acknowledgement,
  type Alert,
  type Id,
  type Silence,
  type Trouble,
  type Verdict,
  type VerdictState,
  type Vote,
} from '@guaita/model';
import type { Now } from '../now.ts';
import { Alerts } from './alerts.ts';
import type { AlertEffect } from './effect.ts';
import { ALERT_DEFAULTS, type AlertOptions } from './options.ts';

const NOON_ms = Date.parse('2026-03-01T12:00:00.000Z');

/** A vote; in capitals when it does not count: `D`, `u`. */
export function votes(text: string): Vote[] {
  return Array.from(text, (letter, n) => ({
    monitor: String.fromCharCode('a'.charCodeAt(0) + n),
    sees: letter.toLowerCase() === 'd' ? 'down' : 'answering',
    counts: letter === letter.toLowerCase(),
  }));
}

/** One broker: what it keeps, who speaks on it, and what people have heard. Tests tell what happens, and look. */
export class Story {
  /** What is known on this broker: a successor hears all of it. */
  readonly #specs = new Map<Id, DeviceSpec>();
  readonly #views = new Map<Id, MonitorView>();
  readonly #verdicts = new Map<Id, Verdict>();
  readonly #disks = new Map<Id, DiskState>();
  readonly #leftOut = new Map<Id, ServicesLeftOut>();
  readonly #silences = new Map<Id, Silence>();
  readonly #acknowledgements = new Map<string, Acknowledgement>();
  readonly #troubles = new Map<
    string,
    { readonly monitor: Id; readonly device: Id; readonly said: readonly Trouble[] }
  >();
  readonly kept = new Map<string, Alert>();
  /** Every alert that was said. */
  readonly said: Alert[] = [];
  readonly #options: AlertOptions;
  #speaker: Alerts;
  #follower: Alerts | undefined;
  /** What was said and is not kept yet, and who follows and has heard it. */
  #unkept: { readonly id: string; readonly heardBy: Alerts | undefined } | undefined;
  #now_ms = 0;
  #told = 0;

  constructor(options: AlertOptions = ALERT_DEFAULTS) {
    this.#options = options;
    this.#speaker = new Alerts(options, 'home');
  }

  get now(): Now {
    return { monotonic_ms: this.#now_ms, wall_ms: NOON_ms + this.#now_ms };
  }

  /** When the speaker has something to do. */
  get nextDeadline_ms(): number {
    return this.#speaker.nextDeadline_ms;
  }

  /** Somebody follows from now on. */
  follow(): void {
    this.#follower = this.#begun();
  }

  /**
   * The speaker dies when it has done so many effects of what is due; its follower, or somebody new, speaks. Gives the
   * alert that was said and could not be kept, where who speaks now has not heard that: nobody did, or who did has died
   * as well.
   */
  takeOver(done = Infinity): string | undefined {
    for (const effect of this.#speaker.advance(this.now).slice(0, done)) this.#do(effect);
    this.#speaker = this.#follower ?? this.#begun();
    this.#speaker.learned(this.kept, this.now);
    this.#follower = undefined;
    if (this.#unkept === undefined || this.#unkept.heardBy === this.#speaker) return undefined;
    const { id } = this.#unkept;
    this.#unkept = undefined;
    return id;
  }

  /** A device and who holds it. */
  device(device: Id, monitors: readonly Id[] = ['a', 'b', 'c'], change: Partial<DeviceSpec> = {}): void {
    const spec: DeviceSpec = {
      ...{ device, name: named(device), addresses: ['10.0.0.1'], parents: [], tags: ['core'], checks: {} },
      ...{ source: 'x', monitors: [...monitors], ...change },
    };
    this.#specs.set(device, spec);
    this.#each((alerts) => alerts.spec(device, spec, this.now));
  }

  /** A device is taken out of the inventory; where nobody hears it, its topics are gone all the same. */
  remove(device: Id, isHeard = true): void {
    this.#specs.delete(device);
    this.#verdicts.delete(device);
    if (!isHeard) return;
    this.#each((alerts) => alerts.verdict({ device, after: undefined }, this.now));
    this.#each((alerts) => alerts.spec(device, undefined, this.now));
  }

  verdict(device: Id, state: VerdictState, change: Partial<Verdict> = {}): void {
    const since = new Date(this.now.wall_ms).toISOString();
    const after: Verdict = { state, since, reason: 'x', episode: 1, seen_by: [], ...change };
    this.#verdicts.set(device, after);
    this.#each((alerts) => alerts.verdict({ device, after }, this.now));
  }

  monitor(monitor: Id, change: Partial<MonitorView> = {}): void {
    const at = new Date(this.now.wall_ms).toISOString();
    const view: MonitorView = {
      ...{ site: 'home', alive: true, isolated: false, probing: true, devices: 0, capacity: 100 },
      ...{ incarnation: 7, session: 2, isolations: 0, monitors_per_device: 3, at, ...change },
    };
    this.#views.set(monitor, view);
    this.#each((alerts) => alerts.monitor(monitor, view, this.now));
  }

  /** Operators silence alerts for so many seconds, or, `undefined`, no longer. */
  silence(id: Id, seconds: number | undefined, scope: Partial<Silence> = {}): void {
    const until = new Date(this.now.wall_ms + (seconds ?? 0) * 1000).toISOString();
    const all = { devices: [], monitors: [], tags: [], sites: [], kinds: [], severities: [] };
    const silence = { ...all, by: 'ada', why: 'a new roof', until, ...scope };
    if (seconds === undefined) this.#silences.delete(id);
    else this.#silences.set(id, silence);
    this.#each((alerts) => alerts.silence(id, this.#silences.get(id)));
  }

  /** Somebody takes care of an alert, or, `false`, nobody any more. */
  acknowledge(id: string, isAcknowledged = true): void {
    const given = { by: 'ada', why: 'on my way', at: new Date(this.now.wall_ms).toISOString() };
    if (isAcknowledged) this.#acknowledgements.set(id, given);
    else this.#acknowledgements.delete(id);
    this.#each((alerts) => alerts.acknowledge(id, this.#acknowledgements.get(id)));
  }

  /** A monitor says how its disk stands, since now. */
  disk(monitor: Id, state: DiskState['state'], gave_up?: 'room' | 'budget'): void {
    const since = new Date(this.now.wall_ms).toISOString();
    const figures = { free_bytes: 900e6, total_bytes: 32e9, history_bytes: 12.34e9 };
    const said = { state, since, ...figures, ...(gave_up === undefined ? {} : { gave_up }) };
    this.#disks.set(monitor, said);
    this.#each((alerts) => alerts.disk(monitor, said));
  }

  /** A monitor says, again or anew, which services it cannot tell of. */
  leftOut(monitor: Id, services: readonly string[]): void {
    const at = new Date(this.now.wall_ms).toISOString();
    const before = this.#leftOut.get(monitor);
    const goesOn = before !== undefined && before.count > 0 === services.length > 0;
    const since = goesOn ? before.since : at;
    const said = { count: services.length, services: services.slice(0, 10), room_bytes: 512, since, at };
    this.#leftOut.set(monitor, said);
    this.#each((alerts) => alerts.leftOut(monitor, said, this.now));
  }

  /** What a monitor has measured amiss with a device: `loss 7`, `interface-down/eth0 8` with their episodes. */
  troubles(monitor: Id, device: Id, ...texts: readonly string[]): void {
    const since = new Date(this.now.wall_ms).toISOString();
    const said = texts.map((text): Trouble => {
      const [what = '', episode] = text.split(' ');
      const [kind, part] = what.split('/');
      const common = { kind: TroubleKind.parse(kind), episode: Number(episode), since, value: 33.3, usual: 10 };
      return part === undefined ? common : { ...common, part };
    });
    this.#troubles.set(`${monitor} ${device}`, { monitor, device, said });
    this.#each((alerts) => alerts.troubles(monitor, device, said));
  }

  forget(monitor: Id): void {
    this.#views.delete(monitor);
    this.#each((alerts) => alerts.monitor(monitor, undefined, this.now));
  }

  /** Time goes by, and what is due is said when it is. */
  run(seconds: number): void {
    const end_ms = this.#now_ms + seconds * 1000;
    for (;;) {
      for (const effect of this.#speaker.advance(this.now)) this.#do(effect);
      const next_ms = this.#speaker.nextDeadline_ms;
      if (next_ms > end_ms) break;
      this.#now_ms = Math.max(next_ms, this.#now_ms);
    }
    this.#now_ms = end_ms;
  }

  /** Nobody speaks meanwhile. */
  pass(seconds: number): void {
    this.#now_ms += seconds * 1000;
  }

  /** What was said since the last look. */
  news(): string[] {
    for (const effect of this.#speaker.advance(this.now)) this.#do(effect);
    const news = this.said.slice(this.#told);
    this.#told = this.said.length;
    return news.map(({ kind, resolves, text }) => `${resolves ? 'end of ' : ''}${kind}: ${text}`);
  }

  /** What is open: `down router`. */
  open(): string[] {
    return [...this.kept.values()].map(({ kind, subject }) => `${kind} ${subject}`).sort();
  }

  #begun(): Alerts {
    const alerts = new Alerts(this.#options, 'home');
    for (const [id, silence] of this.#silences) alerts.silence(id, silence);
    for (const [id, acknowledgement] of this.#acknowledgements) alerts.acknowledge(id, acknowledgement);
    for (const [monitor, view] of this.#views) alerts.monitor(monitor, view, this.now);
    for (const [monitor, said] of this.#disks) alerts.disk(monitor, said);
    for (const [monitor, said] of this.#leftOut) alerts.leftOut(monitor, said, this.now);
    for (const [device, spec] of this.#specs) alerts.spec(device, spec, this.now);
    for (const { monitor, device, said } of this.#troubles.values()) alerts.troubles(monitor, device, said);
    for (const [device, after] of this.#verdicts) alerts.verdict({ device, after }, this.now);
    return alerts;
  }

  #each(tell: (alerts: Alerts) => void): void {
    tell(this.#speaker);
    if (this.#follower !== undefined) tell(this.#follower);
  }

  #do(effect: AlertEffect): void {
    if (effect.kind === 'say') {
      this.said.push(effect.alert);
      this.#follower?.said(effect.alert, this.now);
      this.#unkept = { id: effect.alert.id, heardBy: this.#follower };
      return;
    }
    if (this.#unkept?.id === effect.id) this.#unkept = undefined;
    if (effect.alert === undefined) this.kept.delete(effect.id);
    else this.kept.set(effect.id, effect.alert);
  }
}

/** `router-1`: `Router 1`. */
function named(device: Id): string {
  return device.charAt(0).toUpperCase() + device.slice(1).replaceAll('-', ' ');
}
