import type { Id } from '@guaita/model';
import { keptInMind, type Group } from './group.ts';
import { FIRST_SEED, hashId, hashPair, SECOND_SEED } from './hash.ts';
import { negativeLog } from './logarithm.ts';
import type { Roster } from './roster.ts';

/** No monitor. */
export const NOBODY = -1;

/**
 * The devices, by row: what the scores need of them, the monitors that each would like best, and those it has.
 *
 * The score of a device and a monitor of weight w is -w/ln(u), u being their hash in (0, 1) (Schindelhauer & Schomaker,
 * "Weighted Distributed Hash Tables", 2005). Its inverse is kept instead, the *key*: the lower, the better.
 */
export class DeviceTable {
  readonly #roster: Roster;
  readonly groups: readonly Group[];
  readonly #rows = new Map<Id, number>();
  readonly ids: Id[] = [];
  #first = new Int32Array(0);
  #second = new Int32Array(0);
  groupOf = new Int32Array(0);
  /** How many monitors a device may have. */
  readonly places: number;
  /** The monitors of each device, `places` to a row, the first first, `NOBODY` where one is missing. */
  assigned = new Int32Array(0);
  readonly width: number;
  /** The best monitors of each device, `width` to a row, the best first. */
  best = new Int32Array(0);
  /** How many of them are known. */
  bestCount = new Uint8Array(0);
  /** The greatest key among them; infinity when they are all that the device may go to. */
  #bestWithin = new Float64Array(0);

  constructor(roster: Roster, groups: readonly Group[], places: number) {
    this.#roster = roster;
    this.groups = groups;
    this.places = places;
    this.width = keptInMind(places);
  }

  get size(): number {
    return this.ids.length;
  }

  rowOf(device: Id): number | undefined {
    return this.#rows.get(device);
  }

  /** Adds a device, or gives it to another group; its best monitors are found when `rank` is called. */
  set(device: Id, group: number): number {
    const known = this.#rows.get(device);
    const row = known ?? this.ids.length;
    if (known === undefined) {
      if (row === this.groupOf.length) this.#grow(Math.max(64, row * 2));
      this.#rows.set(device, row);
      this.ids.push(device);
      this.#first[row] = hashId(device, FIRST_SEED);
      this.#second[row] = hashId(device, SECOND_SEED);
      this.assigned.fill(NOBODY, row * this.places, (row + 1) * this.places);
    } else {
      this.groups[this.groupOf[row]!]!.count -= 1;
    }
    this.groupOf[row] = group;
    this.groups[group]!.count += 1;
    return row;
  }

  /** Takes a device out; the last row moves to its place. */
  delete(row: number): void {
    this.groups[this.groupOf[row]!]!.count -= 1;
    this.#rows.delete(this.ids[row]!);
    const last = this.ids.length - 1;
    const moved = this.ids[last]!;
    this.ids.pop();
    if (row === last) return;
    this.ids[row] = moved;
    this.#rows.set(moved, row);
    for (const column of [this.#first, this.#second, this.groupOf, this.bestCount, this.#bestWithin]) {
      column[row] = column[last]!;
    }
    this.assigned.copyWithin(row * this.places, last * this.places, (last + 1) * this.places);
    this.best.copyWithin(row * this.width, last * this.width, (last + 1) * this.width);
  }

  /** Makes room for so many devices at once. */
  reserve(rows: number): void {
    if (rows > this.groupOf.length) this.#grow(rows);
  }

  key(row: number, monitor: number): number {
    const hash = hashPair(this.#first[row]!, this.#second[row]!, this.#roster.hashes[monitor]!);
    return negativeLog(hash) * this.#roster.inverses[monitor]!;
  }

  /** The order of devices with equal keys: any will do that is the same everywhere. */
  compare(one: number, other: number): number {
    return (
      this.#first[one]! - this.#first[other]! ||
      this.#second[one]! - this.#second[other]! ||
      (this.ids[one]! < this.ids[other]! ? -1 : this.ids[one] === this.ids[other] ? 0 : 1)
    );
  }

  /** The best monitors may have been cut short: others that the device may go to come after them. */
  hasMore(row: number): boolean {
    return this.#bestWithin[row] !== Infinity;
  }

  /** Finds the best monitors of a device. */
  rank(row: number): void {
    const group = this.groups[this.groupOf[row]!]!;
    const count = this.#rankWithin(row, group, group.near);
    if (count < Math.min(this.width, group.eligible.length)) this.#rankWithin(row, group, Infinity);
  }

  /** @returns how many it found with lower keys than that */
  #rankWithin(row: number, { hashes, inverses, bounds, eligible }: Group, limit: number): number {
    const first = this.#first[row]!;
    const second = this.#second[row]!;
    const { width } = this;
    const keys = rankedKeys;
    const monitors = rankedMonitors;
    let count = 0;
    let worst = limit;
    for (let index = 0; index < hashes.length; index += 1) {
      const hash = hashPair(first, second, hashes[index]!);
      if ((4294967295.5 - hash) * bounds[index]! > worst) continue;
      const key = negativeLog(hash) * inverses[index]!;
      if (key >= worst) continue;
      let at = count < width ? count : width - 1;
      for (; at > 0 && keys[at - 1]! > key; at -= 1) {
        keys[at] = keys[at - 1]!;
        monitors[at] = monitors[at - 1]!;
      }
      keys[at] = key;
      monitors[at] = eligible[index]!;
      if (count < width) count += 1;
      if (count === width) worst = keys[width - 1]!;
    }
    for (let at = 0; at < count; at += 1) this.best[row * width + at] = monitors[at]!;
    this.bestCount[row] = count;
    this.#bestWithin[row] = count === eligible.length ? Infinity : worst;
    return count;
  }

  /** Takes monitors out of the best of all devices, and puts those in that have joined. */
  rerank(left: readonly number[], joined: readonly number[]): void {
    const isLeft = new Uint8Array(this.#roster.size);
    for (const monitor of left) isLeft[monitor] = 1;
    const mayJoin = this.groups.map(({ isEligible }) => joined.filter((monitor) => isEligible[monitor] === 1));
    for (let row = 0; row < this.size; row += 1) {
      if (left.length > 0) this.#drop(row, isLeft);
      for (const monitor of mayJoin[this.groupOf[row]!]!) this.#insert(row, monitor);
      // Too few to serve every round: cheaper found again once than looked for in each of them.
      if (this.hasMore(row) && this.bestCount[row]! <= this.places) this.rank(row);
    }
  }

  #drop(row: number, isLeft: Uint8Array): void {
    const start = row * this.width;
    const count = this.bestCount[row]!;
    let kept = 0;
    for (let at = 0; at < count; at += 1) {
      const monitor = this.best[start + at]!;
      if (isLeft[monitor] === 1) continue;
      this.best[start + kept] = monitor;
      kept += 1;
    }
    if (kept === count) return;
    this.bestCount[row] = kept;
    // All that are better than the worst that was dropped are still known; the last one kept is bound enough.
    if (this.hasMore(row)) this.#bestWithin[row] = kept === 0 ? 0 : this.key(row, this.best[start + kept - 1]!);
  }

  #insert(row: number, monitor: number): void {
    const key = this.key(row, monitor);
    const within = this.#bestWithin[row]!;
    if (key > within) return;
    const start = row * this.width;
    const count = this.bestCount[row]!;
    const { records } = this.#roster;
    let at = count;
    for (; at > 0; at -= 1) {
      const other = this.best[start + at - 1]!;
      const otherKey = this.key(row, other);
      if (otherKey < key || (otherKey === key && records[other]!.monitor < records[monitor]!.monitor)) break;
    }
    // Behind the last of a list that was cut short there may be others before it.
    if (at === count && within !== Infinity) return;
    const grown = Math.min(this.width, count + 1);
    if (at >= grown) return this.#cutShort(row, key);
    for (let to = grown - 1; to > at; to -= 1) this.best[start + to] = this.best[start + to - 1]!;
    this.best[start + at] = monitor;
    this.bestCount[row] = grown;
    if (count === this.width || within !== Infinity) {
      this.#bestWithin[row] = this.key(row, this.best[start + grown - 1]!);
    }
  }

  #cutShort(row: number, key: number): void {
    this.#bestWithin[row] = Math.min(this.#bestWithin[row]!, key);
  }

  #grow(rows: number): void {
    this.#first = grown(this.#first, new Int32Array(rows));
    this.#second = grown(this.#second, new Int32Array(rows));
    this.groupOf = grown(this.groupOf, new Int32Array(rows));
    this.assigned = grown(this.assigned, new Int32Array(rows * this.places));
    this.best = grown(this.best, new Int32Array(rows * this.width));
    this.bestCount = grown(this.bestCount, new Uint8Array(rows));
    this.#bestWithin = grown(this.#bestWithin, new Float64Array(rows));
  }
}

/** Room for the best of one device while it is ranked: at most 9 places, so 20 of them. */
const rankedKeys = new Float64Array(20);
const rankedMonitors = new Int32Array(20);

function grown<Column extends Int32Array | Uint8Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
