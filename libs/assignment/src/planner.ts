import type { Id, Policy } from '@guaita/model';
import { NOBODY } from './device-table.ts';
import { PlanState } from './plan-state.ts';
import type { PlanDevice, PlanMonitor } from './types.ts';

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
  const state = new PlanState();
  state.change({ devices: asArray(devices), monitors, policy });
  return state.all();
}

/**
 * The same plan, kept up to date. The scores are the greater part of the work, and stay where nothing changed; the rounds
 * are gone through again.
 */
export class Planner {
  readonly #state = new PlanState();

  /**
   * Takes in changes. Many at once cost hardly more than one, so those of a moment are best given together.
   *
   * @returns the devices whose list of monitors changed
   */
  update({ devices = [], gone = [], monitors, policy }: PlanChanges): ReadonlySet<Id> {
    const state = this.#state;
    const given = asArray(devices);
    const changed = new Set<Id>();
    const leaving = new Set(gone);
    if (leaving.size > 0) for (const { device } of given) leaving.delete(device);
    for (const device of leaving) {
      if (state.monitorsOf(device).length > 0) changed.add(device);
      state.delete(device);
    }
    const before = { places: state.places, assigned: state.assigned() };
    if (state.change({ devices: given, monitors, policy })) this.#compare(before, changed);
    return changed;
  }

  /** Who should watch the device, the first first; none when it is planned nowhere. */
  monitorsOf(device: Id): readonly Id[] {
    return this.#state.monitorsOf(device);
  }

  #compare(before: { places: number; assigned: Int32Array }, changed: Set<Id>): void {
    const { places, devices } = this.#state;
    const assigned = this.#state.assigned();
    const both = Math.max(before.places, places);
    for (const [row, device] of devices.entries()) {
      for (let place = 0; place < both; place += 1) {
        // Rows that are new now lie behind all that were there before.
        const was = place < before.places ? before.assigned[row * before.places + place] : undefined;
        const is = place < places ? assigned[row * places + place] : undefined;
        if ((was ?? NOBODY) === (is ?? NOBODY)) continue;
        changed.add(device);
        break;
      }
    }
  }
}

function asArray(devices: Iterable<PlanDevice>): readonly PlanDevice[] {
  return Array.isArray(devices) ? (devices as readonly PlanDevice[]) : [...devices];
}
