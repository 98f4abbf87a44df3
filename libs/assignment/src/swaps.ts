import { NOBODY, type DeviceTable } from './device-table.ts';
import type { Roster } from './roster.ts';

/** How a monitor was reached: `row` would go there from `from`, or, with nobody there before, it is the one without. */
interface Step {
  readonly from: number;
  readonly row: number;
}

/**
 * Fills places that stay open although there is room elsewhere: along an augmenting path (Berge, 1957), each device on
 * it makes room by going to another monitor, until one has room. A device never loses a place by it.
 */
export class Swaps {
  readonly #table: DeviceTable;
  readonly #roster: Roster;
  readonly #load: Float64Array;
  /** Monitors from which no path leads to room, whatever the sites: none ever will, since no path enters them either. */
  readonly #closed = new Set<number>();

  constructor(table: DeviceTable, roster: Roster, load: Float64Array) {
    this.#table = table;
    this.#roster = roster;
    this.#load = load;
  }

  /**
   * @param newSites no device may have two monitors at a site, of those that are moved or served here
   * @returns the rows whose place stays open
   */
  fill(rows: readonly number[], round: number, newSites: boolean): readonly number[] {
    const { active, capacities } = this.#roster;
    if (rows.length === 0 || active.every((monitor) => this.#load[monitor]! >= capacities[monitor]!)) return rows;
    const closed = newSites ? new Set<number>() : this.#closed;
    const holders = this.#holders();
    const sorted = [...rows].sort((one, other) => this.#table.compare(one, other));
    return sorted.filter((row) => !this.#serve(row, round, newSites, holders, closed));
  }

  #holders(): Set<number>[] {
    const { assigned, places, size } = this.#table;
    const holders = Array.from({ length: this.#roster.size }, () => new Set<number>());
    for (let place = 0; place < size * places; place += 1) {
      const monitor = assigned[place]!;
      if (monitor !== NOBODY) holders[monitor]!.add(Math.floor(place / places));
    }
    return holders;
  }

  #serve(row: number, round: number, newSites: boolean, holders: Set<number>[], closed: Set<number>): boolean {
    const steps = new Map<number, Step>();
    const queue = this.#byKey(row).filter(
      (monitor) => !closed.has(monitor) && this.#mayTake(row, monitor, NOBODY, newSites),
    );
    for (const monitor of queue) steps.set(monitor, { from: NOBODY, row });
    for (const monitor of queue) {
      if (this.#hasRoom(monitor)) {
        this.#apply(monitor, round, steps, holders);
        return true;
      }
      queue.push(...this.#reach(monitor, newSites, holders[monitor]!, steps, closed));
    }
    for (const monitor of queue) closed.add(monitor);
    return false;
  }

  #hasRoom(monitor: number): boolean {
    return this.#load[monitor]! < this.#roster.capacities[monitor]!;
  }

  #byKey(row: number): number[] {
    const { groups, groupOf } = this.#table;
    const eligible = [...groups[groupOf[row]!]!.eligible];
    const keys = new Map(eligible.map((monitor) => [monitor, this.#table.key(row, monitor)]));
    return eligible.sort((one, other) => keys.get(one)! - keys.get(other)!);
  }

  /** The monitors to which a device of this one can go, each by the device that it suits best. */
  #reach(
    from: number,
    newSites: boolean,
    holders: Iterable<number>,
    steps: Map<number, Step>,
    closed: ReadonlySet<number>,
  ): number[] {
    const open = this.#roster.active.filter((monitor) => !steps.has(monitor) && !closed.has(monitor));
    const withRoom = open.filter((monitor) => this.#hasRoom(monitor));
    // Where a device can go to room at once, the path ends: the others need not be known.
    const reached = this.#bestMoves(from, newSites, holders, withRoom, steps);
    return reached.length > 0 ? reached : this.#bestMoves(from, newSites, holders, open, steps);
  }

  #bestMoves(
    from: number,
    newSites: boolean,
    holders: Iterable<number>,
    targets: readonly number[],
    steps: Map<number, Step>,
  ): number[] {
    const table = this.#table;
    const best = new Map<number, { row: number; key: number }>();
    if (targets.length > 0) {
      for (const row of holders) {
        for (const monitor of targets) {
          if (!this.#isEligible(row, monitor) || !this.#mayTake(row, monitor, from, newSites)) continue;
          const key = table.key(row, monitor);
          const other = best.get(monitor);
          if (other === undefined || key < other.key || (key === other.key && table.compare(row, other.row) < 0)) {
            best.set(monitor, { row, key });
          }
        }
      }
    }
    const reached = targets.filter((monitor) => best.has(monitor));
    for (const monitor of reached) steps.set(monitor, { from, row: best.get(monitor)!.row });
    return reached;
  }

  #isEligible(row: number, monitor: number): boolean {
    const { groups, groupOf } = this.#table;
    return groups[groupOf[row]!]!.isEligible[monitor] === 1;
  }

  /** Whether the device could have this monitor in the place of another. */
  #mayTake(row: number, monitor: number, instead: number, newSites: boolean): boolean {
    const { assigned, places } = this.#table;
    const { sites } = this.#roster;
    for (let place = row * places; place < (row + 1) * places; place += 1) {
      const other = assigned[place]!;
      if (other === NOBODY) continue;
      if (other === monitor) return false;
      if (newSites && other !== instead && sites[other] === sites[monitor]) return false;
    }
    return true;
  }

  #apply(end: number, round: number, steps: ReadonlyMap<number, Step>, holders: Set<number>[]): void {
    const { assigned, places } = this.#table;
    this.#load[end] = this.#load[end]! + 1;
    for (let monitor = end; monitor !== NOBODY;) {
      const { from, row } = steps.get(monitor)!;
      const start = row * places;
      const place = from === NOBODY ? start + round : assigned.indexOf(from, start);
      assigned[place] = monitor;
      holders[monitor]!.add(row);
      if (from !== NOBODY) holders[from]!.delete(row);
      monitor = from;
    }
  }
}
