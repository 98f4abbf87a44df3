import { NOBODY, type DeviceTable } from './device-table.ts';
import type { Roster } from './roster.ts';
import { mayTake, WaysOut, type SwapRules } from './ways-out.ts';

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
    if (rows.length === 0 || !this.#roster.active.some(this.#hasRoom)) return rows;
    const closed = newSites ? new Set<number>() : this.#closed;
    const search = new Search(this.#table, this.#roster, { newSites, hasRoom: this.#hasRoom }, closed);
    const sorted = [...rows].sort((one, other) => this.#table.compare(one, other));
    return sorted.filter((row) => {
      const end = search.serve(row, round);
      if (end !== NOBODY) this.#load[end] = this.#load[end]! + 1;
      return end === NOBODY;
    });
  }

  /** Takes devices that have two monitors at a site to sites that are new to them, as long as any has room. */
  moveApart(): void {
    if (!this.#roster.active.some(this.#hasRoom)) return;
    const { size } = this.#table;
    const rows = Array.from({ length: size }, (_, row) => row).filter((row) => this.#doubled(row) !== undefined);
    rows.sort((one, other) => this.#table.compare(one, other));
    // Who goes makes room, which may be what another waits for. Each move leaves one place less to be moved.
    while (rows.filter((row) => this.#moveApart(row)).length > 0);
  }

  #moveApart(row: number): boolean {
    const { assigned } = this.#table;
    const place = this.#doubled(row);
    if (place === undefined) return false;
    const from = assigned[place]!;
    const rules: SwapRules = { newSites: true, hasRoom: this.#hasRoom };
    let to = NOBODY;
    for (const monitor of this.#roster.active) {
      if (!this.#hasRoom(monitor) || !mayTake(this.#table, this.#roster, rules, row, monitor, from)) continue;
      if (to === NOBODY || this.#table.key(row, monitor) < this.#table.key(row, to)) to = monitor;
    }
    if (to === NOBODY) return false;
    assigned[place] = to;
    this.#load[from] = this.#load[from]! - 1;
    this.#load[to] = this.#load[to]! + 1;
    // There is room again where there was none.
    this.#closed.clear();
    return true;
  }

  readonly #hasRoom = (monitor: number): boolean => this.#load[monitor]! < this.#roster.capacities[monitor]!;

  /** The first place of a device whose monitor is at the site of an earlier one. */
  #doubled(row: number): number | undefined {
    const { assigned, places } = this.#table;
    const { sites } = this.#roster;
    const start = row * places;
    for (let place = start; place < start + places && assigned[place] !== NOBODY; place += 1) {
      for (let earlier = start; earlier < place; earlier += 1)
        if (sites[assigned[earlier]!] === sites[assigned[place]!]) return place;
    }
    return undefined;
  }
}

class Search {
  readonly #table: DeviceTable;
  readonly #roster: Roster;
  readonly #rules: SwapRules;
  readonly #closed: Set<number>;
  readonly #holders: Set<number>[];
  readonly #waysOut = new Map<number, WaysOut>();

  constructor(table: DeviceTable, roster: Roster, rules: SwapRules, closed: Set<number>) {
    this.#table = table;
    this.#roster = roster;
    this.#rules = rules;
    this.#closed = closed;
    this.#holders = Array.from({ length: roster.size }, () => new Set<number>());
    const { assigned, places, size } = table;
    for (let place = 0; place < size * places; place += 1) {
      const monitor = assigned[place]!;
      if (monitor !== NOBODY) this.#holders[monitor]!.add(Math.floor(place / places));
    }
  }

  /** @returns the monitor that has one device more by it, or nobody */
  serve(row: number, round: number): number {
    const steps = new Map<number, Step>();
    let layer = this.#byKey(row);
    for (const monitor of layer) steps.set(monitor, { from: NOBODY, row });
    while (layer.length > 0) {
      const end = layer.find((monitor) => this.#rules.hasRoom(monitor)) ?? this.#wayOut(layer, steps);
      if (end !== undefined) {
        this.#apply(end, round, steps);
        return end;
      }
      layer = layer.flatMap((monitor) => this.#reach(monitor, steps));
    }
    for (const monitor of steps.keys()) this.#closed.add(monitor);
    return NOBODY;
  }

  /** The monitors that the device may take, the best first. */
  #byKey(row: number): number[] {
    const keys = new Map<number, number>();
    for (const monitor of this.#roster.active) {
      if (this.#closed.has(monitor) || !this.#mayTake(row, monitor, NOBODY)) continue;
      keys.set(monitor, this.#table.key(row, monitor));
    }
    return [...keys.keys()].sort((one, other) => keys.get(one)! - keys.get(other)!);
  }

  /** Whether some device of these monitors can go where there is room: the end of the path. */
  #wayOut(layer: readonly number[], steps: Map<number, Step>): number | undefined {
    for (const from of layer) {
      const ways =
        this.#waysOut.get(from) ??
        new WaysOut(this.#table, this.#roster, this.#rules, from, this.#holders[from]!.values());
      this.#waysOut.set(from, ways);
      const way = ways.best();
      if (way === undefined) continue;
      steps.set(way.to, { from, row: way.row });
      return way.to;
    }
    return undefined;
  }

  /** The full monitors to which a device of this one can go, each by the device that it suits best. */
  #reach(from: number, steps: Map<number, Step>): number[] {
    const { active } = this.#roster;
    const full = active.filter(
      (monitor) => !steps.has(monitor) && !this.#closed.has(monitor) && !this.#rules.hasRoom(monitor),
    );
    const best = new Map<number, { row: number; key: number }>();
    for (const row of full.length > 0 ? this.#holders[from]! : []) {
      for (const monitor of full) {
        if (!this.#mayTake(row, monitor, from)) continue;
        const key = this.#table.key(row, monitor);
        const other = best.get(monitor);
        if (
          other !== undefined &&
          (key > other.key || (key === other.key && this.#table.compare(row, other.row) > 0))
        ) {
          continue;
        }
        best.set(monitor, { row, key });
      }
    }
    const reached = full.filter((monitor) => best.has(monitor));
    for (const monitor of reached) steps.set(monitor, { from, row: best.get(monitor)!.row });
    return reached;
  }

  #mayTake(row: number, monitor: number, instead: number): boolean {
    return mayTake(this.#table, this.#roster, this.#rules, row, monitor, instead);
  }

  #apply(end: number, round: number, steps: ReadonlyMap<number, Step>): void {
    const { assigned, places } = this.#table;
    const moved: number[] = [];
    for (let monitor = end; monitor !== NOBODY;) {
      const { from, row } = steps.get(monitor)!;
      const start = row * places;
      const place = from === NOBODY ? start + round : assigned.indexOf(from, start);
      assigned[place] = monitor;
      this.#holders[monitor]!.add(row);
      if (from !== NOBODY) this.#holders[from]!.delete(row);
      moved.push(row);
      monitor = from;
    }
    for (const row of moved) {
      for (const monitor of assigned.subarray(row * places, (row + 1) * places)) {
        this.#waysOut.get(monitor)?.refresh(row);
      }
    }
  }
}
