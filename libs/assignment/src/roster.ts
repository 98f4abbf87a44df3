import type { Id } from '@guaita/model';
import { FIRST_SEED, hashId } from './hash.ts';
import type { PlanMonitor } from './types.ts';

/** The monitors, by number. A number stays with its id for good, so that plans of different times can be compared. */
export class Roster {
  readonly #numbers = new Map<Id, number>();
  readonly #siteNumbers = new Map<Id, number>();
  readonly records: PlanMonitor[] = [];
  readonly hashes: number[] = [];
  readonly sites: number[] = [];
  readonly capacities: number[] = [];
  /** One over the capacity: scores are divided by it. */
  readonly inverses: number[] = [];
  /** Those that may be given devices, in the order of their ids. */
  active: number[] = [];

  get size(): number {
    return this.records.length;
  }

  /**
   * Takes these, which have capacity, for the monitors that may be given devices.
   *
   * @returns the numbers of those that may no longer, and of those that may now; a changed one is both
   */
  change(monitors: readonly PlanMonitor[]): { left: number[]; joined: number[] } {
    const before = new Set(this.active);
    const changed = new Set<number>();
    const sorted = [...monitors].sort((one, other) => (one.monitor < other.monitor ? -1 : 1));
    this.active = sorted.map((monitor) => {
      const number = this.#numbers.get(monitor.monitor) ?? this.#add(monitor);
      if (!isSame(this.records[number]!, monitor)) {
        changed.add(number);
        this.#set(number, monitor);
      }
      return number;
    });
    const now = new Set(this.active);
    return {
      left: [...before].filter((number) => !now.has(number) || changed.has(number)),
      joined: this.active.filter((number) => !before.has(number) || changed.has(number)),
    };
  }

  #add(monitor: PlanMonitor): number {
    const number = this.records.length;
    this.#numbers.set(monitor.monitor, number);
    this.hashes.push(hashId(monitor.monitor, FIRST_SEED));
    this.#set(number, monitor);
    return number;
  }

  #set(number: number, monitor: PlanMonitor): void {
    this.records[number] = monitor;
    this.capacities[number] = monitor.capacity;
    this.inverses[number] = 1 / monitor.capacity;
    const site = this.#siteNumbers.get(monitor.site) ?? this.#siteNumbers.size;
    this.#siteNumbers.set(monitor.site, site);
    this.sites[number] = site;
  }
}

function isSame(one: PlanMonitor, other: PlanMonitor): boolean {
  return one.site === other.site && one.capacity === other.capacity && one.tags.join(' ') === other.tags.join(' ');
}
