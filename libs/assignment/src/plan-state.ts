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

/** What a plan is made of. What is left out stays as it was. */
interface Parts {
  readonly devices: readonly PlanDevice[];
  readonly monitors: readonly PlanMonitor[] | undefined;
  readonly policy: Policy | undefined;
}

/** A plan and what it was made from. */
export class PlanState {
  readonly #roster = new Roster();
  readonly #groups: Group[] = [];
  readonly #groupNumbers = new Map<string, number>();
  #table = new DeviceTable(this.#roster, this.#groups, 0);
  #monitors: readonly PlanMonitor[] = [];
  #mode: Policy['mode'] = 'spread';
  #deleted = false;

  /** The devices, by row. Rows stay but for `delete`. */
  get devices(): readonly Id[] {
    return this.#table.ids;
  }

  /** How many monitors a device may have. */
  get places(): number {
    return this.#table.places;
  }

  /** The numbers of the monitors by row, `places` to a row. A monitor keeps its number. */
  assigned(): Int32Array {
    return this.#table.assigned.slice(0, this.#table.size * this.#table.places);
  }

  /** Takes a device out; another may take its row. The plan of the others is made again with the next `change`. */
  delete(device: Id): void {
    const row = this.#table.rowOf(device);
    if (row === undefined) return;
    this.#table.delete(row);
    this.#deleted = true;
  }

  /**
   * Makes the plan again.
   *
   * @returns whether it may be another
   */
  change({ devices, monitors, policy }: Parts): boolean {
    const repolicied = this.#setPolicy(policy);
    const added = this.#add(devices);
    this.#monitors = monitors ?? this.#monitors;
    const replan = this.#deleted || repolicied || added.length > 0;
    if (!replan && monitors === undefined) return false;
    const moved = this.#setMonitors();
    if (!replan && moved === 'none') return false;
    if (moved !== 'many') for (const row of added) this.#table.rank(row);
    this.#deleted = false;
    const order = [...this.#groupNumbers.keys()].sort();
    assignAll(
      this.#table,
      this.#roster,
      order.map((key) => this.#groups[this.#groupNumbers.get(key)!]!),
    );
    return true;
  }

  monitorsOf(device: Id): readonly Id[] {
    const row = this.#table.rowOf(device);
    return row === undefined ? [] : this.#monitorsAt(row);
  }

  all(): Map<Id, readonly Id[]> {
    const plan = new Map<Id, readonly Id[]>();
    for (const [row, device] of this.#table.ids.entries()) plan.set(device, this.#monitorsAt(row));
    return plan;
  }

  #monitorsAt(row: number): readonly Id[] {
    const { assigned, places } = this.#table;
    const monitors: Id[] = [];
    for (let place = row * places; place < (row + 1) * places; place += 1) {
      if (assigned[place]! !== NOBODY) monitors.push(this.#roster.records[assigned[place]!]!.monitor);
    }
    return monitors;
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
      this.#refreshGroups(places);
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
    this.#refreshGroups(places);
    if (left.length + joined.length > this.#roster.active.length * MANY_CHANGES) {
      for (let row = 0; row < this.#table.size; row += 1) this.#table.rank(row);
      return 'many';
    }
    this.#table.rerank(left, joined);
    return 'few';
  }

  #refreshGroups(places: number): void {
    const alike = new Map<string, Group>();
    for (const group of this.#groups) refreshGroup(group, this.#roster, places, alike);
  }
}
