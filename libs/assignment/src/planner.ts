import type { Id, Policy } from '@guaita/model';
import { DeviceTable, NOBODY } from './device-table.ts';
import { placementKey } from './eligible.ts';
import { createGroup, refreshGroup, type Group } from './group.ts';
import { busiest } from './pack.ts';
import { Roster } from './roster.ts';
import { assignAll } from './rounds.ts';
import type { PlanDevice, PlanMonitor } from './types.ts';

/** The most monitors that a device may have. */
const MOST_PLACES = 9;

/** Where more than this part of the monitors changed at once, all scores are worked out anew: it is quicker. */
const MANY_CHANGES = 0.25;

/** What a plan is to take in. What is left out stays as it was. */
export interface PlanChanges {
  /** New devices, and those with a new placement. */
  readonly devices?: Iterable<PlanDevice> | undefined;
  /** Devices that are no longer to be watched. One that is among `devices` as well stays. */
  readonly gone?: Iterable<Id> | undefined;
  /** All monitors that are alive. */
  readonly monitors?: readonly PlanMonitor[] | undefined;
  readonly policy?: Policy | undefined;
}

/**
 * Who should watch what: for each device at most `monitors_per_device` monitors (and at most 9), the first first. The same
 * arguments give the same plan everywhere, in whatever order they come.
 */
export function plan(
  devices: Iterable<PlanDevice>,
  monitors: readonly PlanMonitor[],
  policy: Policy,
): Map<Id, readonly Id[]> {
  const planner = new Planner();
  const all = Array.isArray(devices) ? (devices as readonly PlanDevice[]) : [...devices];
  planner.update({ devices: all, monitors, policy });
  return new Map(all.map(({ device }) => [device, planner.monitorsOf(device)]));
}

/**
 * The same plan, kept up to date. The scores are the greater part of the work, and stay where nothing changed; the rounds
 * are gone through again.
 */
export class Planner {
  readonly #roster = new Roster();
  readonly #groups: Group[] = [];
  readonly #groupNumbers = new Map<string, number>();
  #table = new DeviceTable(this.#roster, this.#groups, 0);
  #monitors: readonly PlanMonitor[] = [];
  #mode: Policy['mode'] = 'spread';

  /** @returns the devices whose list of monitors changed */
  update({ devices = [], gone = [], monitors, policy }: PlanChanges): ReadonlySet<Id> {
    const given = Array.isArray(devices) ? (devices as readonly PlanDevice[]) : [...devices];
    const changed = new Set<Id>();
    const deleted = this.#delete(gone, given, changed);
    const before = { places: this.#table.places, assigned: this.#table.assigned.slice(), size: this.#table.size };
    const replaced = this.#setPolicy(policy);
    const added = this.#add(given);
    this.#monitors = monitors ?? this.#monitors;
    if (!deleted && !replaced && added.length === 0 && monitors === undefined) return changed;
    const moved = this.#setMonitors();
    if (!deleted && !replaced && added.length === 0 && moved === 'none') return changed;
    if (moved !== 'many') for (const row of added) this.#table.rank(row);

    const order = [...this.#groupNumbers.keys()].sort();
    assignAll(
      this.#table,
      this.#roster,
      order.map((key) => this.#groups[this.#groupNumbers.get(key)!]!),
    );
    this.#compare(before, changed);
    return changed;
  }

  /** Who should watch the device, the first first; none when it is planned nowhere. */
  monitorsOf(device: Id): readonly Id[] {
    const row = this.#table.rowOf(device);
    const monitors: Id[] = [];
    if (row === undefined) return monitors;
    const { assigned, places } = this.#table;
    for (let place = row * places; place < (row + 1) * places; place += 1) {
      if (assigned[place]! !== NOBODY) monitors.push(this.#roster.records[assigned[place]!]!.monitor);
    }
    return monitors;
  }

  #delete(gone: Iterable<Id>, given: readonly PlanDevice[], changed: Set<Id>): boolean {
    const leaving = new Set(gone);
    if (leaving.size > 0) for (const { device } of given) leaving.delete(device);
    let deleted = false;
    for (const device of leaving) {
      const row = this.#table.rowOf(device);
      if (row === undefined) continue;
      if (this.#table.assigned[row * this.#table.places] !== NOBODY) changed.add(device);
      this.#table.delete(row);
      deleted = true;
    }
    return deleted;
  }

  /** @returns whether the plan may be another by it */
  #setPolicy(policy: Policy | undefined): boolean {
    if (policy === undefined) return false;
    const places = Math.min(MOST_PLACES, policy.monitors_per_device);
    const replaced = places !== this.#table.places;
    if (replaced) {
      const { ids, groupOf } = this.#table;
      for (const group of this.#groups) group.count = 0;
      this.#table = new DeviceTable(this.#roster, this.#groups, places);
      this.#table.reserve(ids.length);
      for (const [row, device] of ids.entries()) this.#table.set(device, groupOf[row]!);
      for (const group of this.#groups) refreshGroup(group, this.#roster, places);
      for (let row = 0; row < ids.length; row += 1) this.#table.rank(row);
    }
    const repacked = policy.mode !== this.#mode;
    this.#mode = policy.mode;
    return replaced || repacked;
  }

  /** @returns the rows whose best monitors have yet to be found */
  #add(given: readonly PlanDevice[]): number[] {
    this.#table.reserve(given.length);
    const added: number[] = [];
    for (const { device, placement } of given) {
      const group = this.#groupFor(placement);
      const row = this.#table.rowOf(device);
      if (row !== undefined && this.#table.groupOf[row] === group) continue;
      added.push(this.#table.set(device, group));
    }
    return added;
  }

  #groupFor(placement: PlanDevice['placement']): number {
    const key = placementKey(placement);
    const known = this.#groupNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.#groups.push(createGroup(placement, this.#roster, this.#table.places)) - 1;
    this.#groupNumbers.set(key, number);
    return number;
  }

  /** @returns how many monitors may be given devices now that could not before, or the other way round; with many, all devices are ranked anew */
  #setMonitors(): 'none' | 'few' | 'many' {
    const { places } = this.#table;
    const willing = this.#monitors.filter(({ capacity }) => capacity > 0);
    const { left, joined } = this.#roster.change(
      this.#mode === 'pack' ? busiest(willing, this.#groups, places) : willing,
    );
    if (left.length === 0 && joined.length === 0) return 'none';
    for (const group of this.#groups) refreshGroup(group, this.#roster, places);
    if (left.length + joined.length > this.#roster.active.length * MANY_CHANGES) {
      for (let row = 0; row < this.#table.size; row += 1) this.#table.rank(row);
      return 'many';
    }
    this.#table.rerank(left, joined);
    return 'few';
  }

  #compare(before: { places: number; assigned: Int32Array; size: number }, changed: Set<Id>): void {
    const { assigned, places, ids } = this.#table;
    const widest = Math.max(before.places, places);
    for (const [row, device] of ids.entries()) {
      for (let place = 0; place < widest; place += 1) {
        const was = row < before.size && place < before.places ? before.assigned[row * before.places + place]! : NOBODY;
        const is = place < places ? assigned[row * places + place]! : NOBODY;
        if (was === is) continue;
        changed.add(device);
        break;
      }
    }
  }
}
