import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Id, PingObservation, Verdict, VerdictState } from '@guaita/model';
import { Maintenance } from '../maintenance/maintenance.ts';
import type { Now } from '../now.ts';
import { Deadlines } from './deadlines.ts';
import type { VerdictOptions } from './options.ts';
import { Observations } from './observations.ts';
import { Teller } from './teller.ts';
import { isSameVoter, type Voter } from './votes.ts';
import { WatchedDevices } from './watched-devices.ts';
import { Watched } from './watched.ts';

/** What is said of a device has changed; `after` is undefined when the device is gone from the inventory. */
export interface VerdictChange {
  readonly device: Id;
  readonly spec: DeviceSpec | undefined;
  readonly before: Verdict | undefined;
  readonly after: Verdict | undefined;
}

/** How much is done in one `advance`. */
export interface Portion {
  readonly judged: number;
  readonly told: number;
}

/**
 * When a monitor of a large site dies, something is new of nearly every device: judged and told at once that would be
 * seconds in which the process hears nothing, and says no beat. These take some 20 ms (measured; on a Pi five times that).
 */
const PORTION: Portion = { judged: 500, told: 500 };

/**
 * What all monitors together say of each device: a state machine. Whoever does not speak feeds and advances it all the
 * same, and what the speaker says too (`said`), so that it can take over at any time.
 *
 * A verdict is judged again only when something has changed on which it depends.
 */
export class Verdicts {
  readonly #options: VerdictOptions;
  readonly #monitors = new Map<Id, Voter>();
  readonly #devices = new WatchedDevices();
  readonly #observations = new Observations();
  readonly #teller = new Teller();
  readonly #deadlines = new Deadlines();
  readonly #maintenance: Maintenance;

  /** What has come in since the last advance. */
  readonly #specs = new Map<Id, DeviceSpec | undefined>();
  readonly #said = new Map<Id, Verdict>();
  readonly #changed = new Set<Id>();
  readonly #observed = new Set<Id>();
  #hasNews = false;
  #now_ms = 0;

  /** Devices that are gone, which is to be told. */
  readonly #left: VerdictChange[] = [];
  /** Who is to be judged. */
  readonly #due = new Set<Id>();
  /** Whose children may be judged otherwise now. */
  readonly #stirred = new Set<Id>();
  /** Of whom the verdict may be new, and that was not looked at yet. */
  readonly #untold = new Set<Watched>();
  readonly #portion: Portion;

  constructor(options: VerdictOptions, portion = PORTION) {
    this.#options = options;
    this.#maintenance = new Maintenance(options.maintenance);
    this.#portion = portion;
  }

  /** A device's entry and who watches it; `undefined`: it is gone from the inventory. */
  spec(device: Id, spec: DeviceSpec | undefined): void {
    this.#specs.set(device, spec);
  }

  /** What is known of a monitor; `undefined`: it is forgotten. */
  monitor(monitor: Id, view: MonitorView | undefined): void {
    this.#maintenance.monitor(monitor, view);
    const before = this.#monitors.get(monitor);
    if (isSameVoter(before, view)) return;
    if (view === undefined) this.#monitors.delete(monitor);
    else this.#monitors.set(monitor, { alive: view.alive, probing: view.probing, isolated: view.isolated });
    this.#changed.add(monitor);
    this.#hasNews = true;
  }

  /** What a monitor saw in its newest probe; `undefined`: it no longer watches the device. */
  observed(monitor: Id, device: Id, observation: PingObservation | undefined): void {
    this.#observations.set(monitor, device, observation);
    this.#observed.add(device);
    // Figures can wait; the children of a router that stands cannot.
    this.#hasNews ||= this.#devices.hasChildren(device);
  }

  /**
   * What the broker keeps as said, by an earlier speaker or another: `since` goes on from it. Best heard before the
   * first `advance`: a device that was never judged here takes its state from it.
   */
  said(device: Id, verdict: Verdict | undefined): void {
    if (verdict === undefined) this.#said.delete(device);
    else this.#said.set(device, verdict);
    this.#hasNews = true;
  }

  /**
   * Goes on from what others said while this one could not follow them: what stood here was of before, and devices that
   * they called up again must not go down once more. To be fed before it speaks again.
   *
   * @param said all that the broker keeps.
   * @returns what they say of each device that stood otherwise here.
   */
  resume(said: ReadonlyMap<Id, Verdict>, now: Now): { readonly device: Id; readonly after: Verdict }[] {
    const resumed: { readonly device: Id; readonly after: Verdict }[] = [];
    for (const [device, after] of said) {
      const watched = this.#devices.get(device);
      if (watched === undefined) this.#said.set(device, after);
      if (watched === undefined || (watched.state === after.state && watched.episode === after.episode)) continue;
      watched.resume(after, now);
      this.#teller.heard(device, after);
      this.#due.add(device);
      resumed.push({ device, after });
    }
    return resumed;
  }

  /**
   * Judges what may have changed. Gives the first verdict on each device, and each that is new in its state, reason or
   * votes; in figures alone every few minutes. Where there is much to do, the rest is done by the next calls.
   */
  advance(now: Now): VerdictChange[] {
    this.#now_ms = now.monotonic_ms;
    this.#takeIn(now);
    const { judged, told } = this.#portion;
    for (let left = judged; left > 0 && this.#due.size + this.#stirred.size > 0;)
      left -= this.#judge(this.#nextFew(left, now), now);
    const changes = this.#left.splice(0);
    for (const watched of take(this.#untold, told)) changes.push(...this.#tell(watched, now));
    return changes;
  }

  /** When `advance` has something to do, by the monotonic clock. */
  get nextDeadline_ms(): number {
    const isBusy =
      this.#hasNews || this.#specs.size > 0 || this.#due.size + this.#stirred.size > 0 || this.#untold.size > 0;
    return isBusy ? this.#now_ms : Math.min(this.#deadlines.next_ms, this.#maintenance.nextDeadline_ms);
  }

  /** Takes in what is new, and finds who is to be judged by that. */
  #takeIn(now: Now): void {
    for (const device of this.#deadlines.due(now.monotonic_ms)) this.#due.add(device);
    if (this.#maintenance.advance(now)) this.#followMaintenance();
    let left = this.#portion.judged;
    for (const [device, spec] of this.#specs) {
      if (left-- <= 0) break;
      this.#takeInSpec(device, spec, now);
    }
    for (const [device, verdict] of this.#said) if (this.#hear(device, verdict, now)) this.#due.add(device);
    for (const monitor of this.#changed) for (const device of this.#devices.of(monitor)) this.#due.add(device);
    for (const device of this.#observed) for (const concerned of this.#concerned(device, now)) this.#due.add(concerned);
    this.#changed.clear();
    this.#observed.clear();
    this.#hasNews = false;
  }

  #takeInSpec(device: Id, spec: DeviceSpec | undefined, now: Now): void {
    this.#specs.delete(device);
    if (this.#isKinNew(device, spec)) this.#stirred.add(device);
    if (spec === undefined) {
      this.#leave(device);
      return;
    }
    this.#enter(device, spec, now);
    this.#due.add(device);
  }

  /** Who comes to be worked on, or is no longer, is judged anew. */
  #followMaintenance(): void {
    for (const [device, watched] of this.#devices.all()) {
      const maintenance = this.#maintenance.of(watched.spec);
      if (maintenance?.until === watched.maintenance?.until && maintenance?.why === watched.maintenance?.why) continue;
      watched.maintenance = maintenance;
      this.#due.add(device);
    }
  }

  readonly #find = (device: Id): Watched | undefined => this.#devices.get(device);

  #enter(device: Id, spec: DeviceSpec, now: Now): void {
    const known = this.#devices.get(device);
    const watched = known ?? new Watched(spec, this.#observations, this.#options, now);
    this.#devices.put(watched, spec);
    watched.maintenance = this.#maintenance.of(spec);
    const said = this.#said.get(device);
    if (known !== undefined || said === undefined) return;
    this.#said.delete(device);
    watched.resume(said, now);
    this.#teller.heard(device, said);
  }

  #leave(device: Id): void {
    const watched = this.#devices.remove(device);
    if (watched === undefined) return;
    this.#deadlines.set(device, undefined);
    this.#due.delete(device);
    this.#untold.delete(watched);
    this.#left.push({ device, spec: undefined, before: this.#teller.forget(device), after: undefined });
  }

  /** Something of a device on which its children depend is to change. */
  #isKinNew(device: Id, spec: DeviceSpec | undefined): boolean {
    const before = this.#devices.get(device)?.spec;
    if (before === undefined || spec === undefined) return before !== spec;
    const isSameParents =
      before.parents.length === spec.parents.length &&
      before.parents.every((parent, at) => parent === spec.parents[at]);
    return !isSameParents || before.checks.ping?.interval_s !== spec.checks.ping?.interval_s;
  }

  /** What was said of a device that is not in the inventory yet is kept. */
  #hear(device: Id, verdict: Verdict, now: Now): boolean {
    const watched = this.#devices.get(device);
    if (watched === undefined) return false;
    this.#said.delete(device);
    return watched.hear(verdict, now);
  }

  /** Who has to be judged again after an observation of a device. */
  *#concerned(device: Id, now: Now): IterableIterator<Id> {
    if (this.#teller.wantsFigures(device, this.#observations.of(device), now)) yield device;
    for (const child of this.#devices.children(device)) if (this.#devices.get(child)?.isWaiting === true) yield child;
  }

  /**
   * Takes out some of those who are to be judged, each with all above it of which anything is new: else a device might be
   * called down because its dead parent's turn is later.
   */
  #nextFew(most: number, now: Now): ReadonlySet<Id> {
    const few = new Set<Id>();
    const seen = new Set<Id>();
    for (const device of this.#due) {
      if (few.size >= most) break;
      const above = [device];
      for (let next = above.pop(); next !== undefined; next = above.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        if (this.#specs.has(next)) this.#takeInSpec(next, this.#specs.get(next), now);
        if (this.#due.delete(next)) few.add(next);
        above.push(...(this.#devices.get(next)?.parents ?? []));
      }
    }
    return few;
  }

  /**
   * Judges some devices, in an order in which nobody is judged by what is no longer true of its parents; whose parents
   * have come or gone by that is to be judged next. Whether a device has gone never depends on its parents.
   *
   * @returns how many were judged, and at least 1.
   */
  #judge(few: ReadonlySet<Id>, now: Now): number {
    const before = new Map<Watched, VerdictState>();
    for (const device of few) {
      const watched = this.#devices.get(device);
      if (watched === undefined) continue;
      const { gone, state } = watched;
      before.set(watched, state);
      watched.count(this.#monitors);
      if (!watched.isCalledDown) watched.judge(this.#find, now);
      if (watched.gone !== gone) this.#stirred.add(device);
    }
    for (const watched of before.keys()) if (watched.isCalledDown) watched.judge(this.#find, now);
    for (const watched of this.#devices.below(this.#stirred))
      if (!before.has(watched)) this.#due.add(watched.spec.device);
    this.#stirred.clear();
    for (const [watched, state] of before) {
      this.#untold.add(watched);
      this.#deadlines.set(watched.spec.device, watched.nextDeadline_ms(now));
      if (watched.state === state) continue;
      for (const child of this.#devices.children(watched.spec.device)) {
        const naming = this.#devices.get(child);
        if (naming?.isCalledDown === true) this.#untold.add(naming);
      }
    }
    return Math.max(1, few.size);
  }

  *#tell(watched: Watched, now: Now): IterableIterator<VerdictChange> {
    const { spec } = watched;
    const told = this.#teller.tell(spec.device, watched.verdict(this.#find, now), now);
    if (told !== undefined) yield { device: spec.device, spec, ...told };
  }
}

/** Takes out as many. */
function take<T>(from: Set<T>, most: number): T[] {
  const taken: T[] = [];
  for (const each of from) {
    if (taken.length >= most) break;
    from.delete(each);
    taken.push(each);
  }
  return taken;
}
