import type { DeviceTable } from './device-table.ts';
import { NOBODY } from './device-table.ts';
import type { Roster } from './roster.ts';

/** That a device goes from one monitor to another that has room. */
interface WayOut {
  readonly row: number;
  readonly to: number;
  readonly key: number;
}

/** What a search for room goes by. */
export interface SwapRules {
  /** No device that is moved or served may have two monitors at one site. */
  readonly newSites: boolean;
  hasRoom(monitor: number): boolean;
}

/** Whether the device could have this monitor in the place of another. */
export function mayTake(
  table: DeviceTable,
  roster: Roster,
  { newSites }: SwapRules,
  row: number,
  monitor: number,
  instead: number,
): boolean {
  const { assigned, places, groups, groupOf } = table;
  if (groups[groupOf[row]!]!.isEligible[monitor] !== 1) return false;
  for (let place = row * places; place < (row + 1) * places; place += 1) {
    const other = assigned[place]!;
    if (other === NOBODY) continue;
    if (other === monitor) return false;
    if (newSites && other !== instead && roster.sites[other] === roster.sites[monitor]) return false;
  }
  return true;
}

/**
 * The ways out of one monitor: for each of its devices the monitor with room that suits it best. They are sorted, the
 * best last, and looked at again only when their turn comes: room gets less and never more.
 */
export class WaysOut {
  readonly #table: DeviceTable;
  readonly #roster: Roster;
  readonly #rules: SwapRules;
  readonly #from: number;
  readonly #ways: WayOut[] = [];

  constructor(table: DeviceTable, roster: Roster, rules: SwapRules, from: number, rows: Iterable<number>) {
    this.#table = table;
    this.#roster = roster;
    this.#rules = rules;
    this.#from = from;
    const withRoom = roster.active.filter((monitor) => rules.hasRoom(monitor));
    for (const row of rows) {
      const way = this.#bestOf(row, withRoom);
      if (way !== undefined) this.#ways.push(way);
    }
    this.#ways.sort((one, other) => this.#compare(one, other));
  }

  /** Looks anew at a device that this monitor has, after another of its monitors changed. */
  refresh(row: number): void {
    const way = this.#bestOf(row, this.#roster.active);
    if (way === undefined) return;
    let low = 0;
    let high = this.#ways.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#ways[middle]!, way) < 0) low = middle + 1;
      else high = middle;
    }
    this.#ways.splice(low, 0, way);
  }

  /** The best way out that there is now. */
  best(): WayOut | undefined {
    for (;;) {
      const way = this.#ways.at(-1);
      if (way === undefined) return undefined;
      if (this.#isHere(way.row) && this.#isOpen(way.row, way.to)) return way;
      this.#ways.pop();
      if (this.#isHere(way.row)) this.refresh(way.row);
    }
  }

  #isHere(row: number): boolean {
    const { assigned, places } = this.#table;
    for (let place = row * places; place < (row + 1) * places; place += 1) {
      if (assigned[place] === this.#from) return true;
    }
    return false;
  }

  #isOpen(row: number, monitor: number): boolean {
    return this.#rules.hasRoom(monitor) && mayTake(this.#table, this.#roster, this.#rules, row, monitor, this.#from);
  }

  #bestOf(row: number, monitors: readonly number[]): WayOut | undefined {
    let to = NOBODY;
    let least = Infinity;
    for (const monitor of monitors) {
      if (!this.#isOpen(row, monitor)) continue;
      const key = this.#table.key(row, monitor);
      if (key >= least) continue;
      to = monitor;
      least = key;
    }
    return to === NOBODY ? undefined : { row, to, key: least };
  }

  /** The best last. */
  #compare(one: WayOut, other: WayOut): number {
    return other.key - one.key || this.#table.compare(other.row, one.row);
  }
}
