import type { Id, Policy } from '@guaita/model';
import { isEligible } from './eligible.ts';
import { FIRST_SEED, hashId, hashPair, SECOND_SEED } from './hash.ts';
import { negativeLog } from './logarithm.ts';
import type { PlanDevice, PlanMonitor } from './types.ts';

export function plan(
  devices: Iterable<PlanDevice>,
  monitors: readonly PlanMonitor[],
  policy: Policy,
): Map<Id, readonly Id[]> {
  const all = [...devices];
  const result = new Map<Id, Id[]>(all.map(({ device }) => [device, []]));
  const load = new Map<Id, number>();
  const pairs = all.flatMap(({ device, placement }) => {
    const first = hashId(device, FIRST_SEED);
    const second = hashId(device, SECOND_SEED);
    return monitors
      .filter((monitor) => monitor.capacity > 0 && isEligible(monitor, placement))
      .map((monitor) => ({
        device,
        monitor,
        key: negativeLog(hashPair(first, second, hashId(monitor.monitor, FIRST_SEED))) / monitor.capacity,
      }));
  });
  pairs.sort((left, right) => left.key - right.key);
  const sites = new Map(monitors.map(({ monitor, site }) => [monitor, site]));
  for (let round = 0; round < Math.min(9, policy.monitors_per_device); round += 1) {
    for (const sameSite of [false, true]) {
      for (const { device, monitor } of pairs) {
        const has = result.get(device)!;
        const used = load.get(monitor.monitor) ?? 0;
        if (has.length > round || has.includes(monitor.monitor) || used >= monitor.capacity) continue;
        if (!sameSite && has.some((id) => sites.get(id) === monitor.site)) continue;
        has.push(monitor.monitor);
        load.set(monitor.monitor, used + 1);
      }
    }
  }
  return result;
}

export interface PlanChanges {
  devices?: Iterable<PlanDevice>;
  gone?: Iterable<Id>;
  monitors?: readonly PlanMonitor[];
  policy?: Policy;
}

export class Planner {
  readonly #devices = new Map<Id, PlanDevice>();
  #monitors: readonly PlanMonitor[] = [];
  #policy: Policy = { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' };
  #plan = new Map<Id, readonly Id[]>();

  /** @returns the devices whose list of monitors changed */
  update({ devices = [], gone = [], monitors, policy }: PlanChanges): ReadonlySet<Id> {
    for (const device of gone) this.#devices.delete(device);
    for (const device of devices) this.#devices.set(device.device, device);
    this.#monitors = monitors ?? this.#monitors;
    this.#policy = policy ?? this.#policy;
    const before = this.#plan;
    this.#plan = plan(this.#devices.values(), this.#monitors, this.#policy);
    const changed = new Set<Id>();
    for (const device of new Set([...before.keys(), ...this.#plan.keys()])) {
      if (String(before.get(device) ?? []) !== String(this.#plan.get(device) ?? [])) changed.add(device);
    }
    return changed;
  }

  monitorsOf(device: Id): readonly Id[] {
    return this.#plan.get(device) ?? [];
  }
}
