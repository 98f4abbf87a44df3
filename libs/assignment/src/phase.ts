import type { DeviceTable } from './device-table.ts';
import { NOBODY } from './device-table.ts';
import type { Roster } from './roster.ts';

/** What one phase of a round gives away. */
export interface PhaseRules {
  /** The place of the devices that is filled. */
  readonly round: number;
  /** How many devices each monitor may have afterwards, by its number. */
  readonly caps: Float64Array;
  /** How many it has; brought up to date. */
  readonly load: Float64Array;
  /** A device may go to a site where it has a monitor already. */
  readonly anySite: boolean;
}

/**
 * A stable matching of devices and monitors with room (Gale & Shapley, 1962): each device asks the monitors in its order,
 * a full monitor sends the worst away. As both sides go by the same key there is one such matching, whatever the order
 * in which the devices ask, and a small change of devices or monitors changes little.
 */
export class Phase {
  readonly #table: DeviceTable;
  readonly #roster: Roster;
  readonly #rules: PhaseRules;
  /** How many devices each monitor may take in this phase. */
  readonly #room: Float64Array;
  /** The rows that each monitor holds for now. */
  readonly #held: number[][];
  /** Beside the rows of a full monitor their keys: both are a heap with the worst on top. Empty while there is room. */
  readonly #keys: number[][];

  constructor(table: DeviceTable, roster: Roster, rules: PhaseRules) {
    this.#table = table;
    this.#roster = roster;
    this.#rules = rules;
    this.#room = rules.caps.map((cap, monitor) => cap - rules.load[monitor]!);
    this.#held = Array.from({ length: roster.size }, () => []);
    this.#keys = Array.from({ length: roster.size }, () => []);
  }

  /**
   * Gives places to the devices of these rows.
   *
   * @returns the rows that no monitor takes
   */
  run(rows: Iterable<number>): number[] {
    const { round, load } = this.#rules;
    const room = this.#room;
    const left: number[] = [];
    for (let row of rows) {
      for (;;) {
        const monitor = this.#choose(row);
        if (monitor === NOBODY) {
          left.push(row);
          break;
        }
        const held = this.#held[monitor]!;
        if (held.length < room[monitor]!) {
          held.push(row);
          break;
        }
        row = this.#replaceWorst(monitor, row);
      }
    }
    const { assigned, places } = this.#table;
    for (const monitor of this.#roster.active) {
      const held = this.#held[monitor]!;
      for (const row of held) assigned[row * places + round] = monitor;
      load[monitor] = load[monitor]! + held.length;
    }
    return left;
  }

  /** The best monitor that takes the device now. One that does not will not later: those it holds get only better. */
  #choose(row: number): number {
    const table = this.#table;
    const start = row * table.width;
    const end = start + table.bestCount[row]!;
    for (let at = start; at < end; at += 1) {
      const monitor = table.best[at]!;
      if (this.#mayGo(row, monitor) && this.#takes(monitor, row)) return monitor;
    }
    return table.hasMore(row) ? this.#search(row) : NOBODY;
  }

  #search(row: number): number {
    const table = this.#table;
    const { eligible } = table.groups[table.groupOf[row]!]!;
    let chosen = NOBODY;
    let least = Infinity;
    for (let index = 0; index < eligible.length; index += 1) {
      const monitor = eligible[index]!;
      if (!this.#mayGo(row, monitor)) continue;
      const key = table.key(row, monitor);
      if (key < least && this.#takes(monitor, row)) {
        chosen = monitor;
        least = key;
      }
    }
    return chosen;
  }

  #mayGo(row: number, monitor: number): boolean {
    const { round, anySite } = this.#rules;
    if (this.#room[monitor]! <= 0) return false;
    const { assigned, places } = this.#table;
    const { sites } = this.#roster;
    const start = row * places;
    for (let place = start; place < start + round; place += 1) {
      const other = assigned[place]!;
      if (other === monitor || (!anySite && sites[other] === sites[monitor])) return false;
    }
    return true;
  }

  #takes(monitor: number, row: number): boolean {
    const held = this.#held[monitor]!;
    if (held.length < this.#room[monitor]!) return true;
    const keys = this.#keys[monitor]!;
    if (keys.length === 0) this.#heapify(monitor);
    return this.#isWorse(keys[0]!, held[0]!, this.#table.key(row, monitor), row);
  }

  #isWorse(key: number, row: number, otherKey: number, otherRow: number): boolean {
    return key > otherKey || (key === otherKey && this.#table.compare(row, otherRow) > 0);
  }

  #heapify(monitor: number): void {
    const held = this.#held[monitor]!;
    const keys = this.#keys[monitor]!;
    for (const row of held) keys.push(this.#table.key(row, monitor));
    for (let at = (held.length >> 1) - 1; at >= 0; at -= 1) this.#sink(held, keys, at, held[at]!, keys[at]!);
  }

  #replaceWorst(monitor: number, row: number): number {
    const held = this.#held[monitor]!;
    const worst = held[0]!;
    this.#sink(held, this.#keys[monitor]!, 0, row, this.#table.key(row, monitor));
    return worst;
  }

  /** Puts a row into the heap at a position, or further down where it belongs. */
  #sink(held: number[], keys: number[], from: number, row: number, key: number): void {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= held.length) break;
      const right = child + 1;
      if (right < held.length && this.#isWorse(keys[right]!, held[right]!, keys[child]!, held[child]!)) child = right;
      if (!this.#isWorse(keys[child]!, held[child]!, key, row)) break;
      held[at] = held[child]!;
      keys[at] = keys[child]!;
      at = child;
    }
    held[at] = row;
    keys[at] = key;
  }
}
