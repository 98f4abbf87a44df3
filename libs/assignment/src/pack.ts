import type { Placement } from '@guaita/model';
import { isEligible } from './eligible.ts';
import { Flow } from './flow.ts';
import type { PlanMonitor } from './types.ts';

/** So many devices ask for the same placement. */
export interface Demand {
  readonly placement: Placement | undefined;
  readonly count: number;
}

/**
 * The fewest monitors that can bear as much as all of them together: as many places of the devices, and as many of them
 * at different sites. The smallest are spared first, of equal ones those with the last ids.
 */
export function busiest(monitors: readonly PlanMonitor[], demands: readonly Demand[], places: number): PlanMonitor[] {
  const wanted = joinAlike(monitors, demands);
  const goal = { filled: filled(monitors, wanted, places), apart: apart(monitors, wanted, places) };
  let busy = [...monitors];
  const smallestFirst = [...monitors].sort(
    (one, other) => one.capacity - other.capacity || (one.monitor < other.monitor ? 1 : -1),
  );
  for (const monitor of smallestFirst) {
    const without = busy.filter((other) => other !== monitor);
    if (filled(without, wanted, places) < goal.filled || apart(without, wanted, places) < goal.apart) continue;
    busy = without;
  }
  return busy;
}

/** Puts together the demands that the same monitors may serve. */
function joinAlike(monitors: readonly PlanMonitor[], demands: readonly Demand[]): Demand[] {
  const joined = new Map<string, Demand>();
  for (const { placement, count } of demands) {
    if (count === 0) continue;
    const key = monitors.map((monitor) => (isEligible(monitor, placement) ? '1' : '0')).join('');
    joined.set(key, { placement, count: count + (joined.get(key)?.count ?? 0) });
  }
  return [...joined.values()];
}

/**
 * How many places of the devices can be filled at all. For devices with equal wishes it is enough to count: none may
 * have a monitor twice, so no monitor takes more of them than there are.
 */
function filled(monitors: readonly PlanMonitor[], demands: readonly Demand[], places: number): number {
  const flow = new Flow(2 + demands.length + monitors.length);
  for (const [index, demand] of demands.entries()) {
    flow.connect(0, 2 + index, demand.count * places);
    for (const [at, monitor] of monitors.entries()) {
      if (isEligible(monitor, demand.placement)) flow.connect(2 + index, 2 + demands.length + at, demand.count);
    }
  }
  for (const [at, { capacity }] of monitors.entries()) flow.connect(2 + demands.length + at, 1, capacity);
  return flow.maximum(0, 1);
}

/** How many places can be filled when no device has two monitors at one site. */
function apart(monitors: readonly PlanMonitor[], demands: readonly Demand[], places: number): number {
  const sites = [...new Set(monitors.map(({ site }) => site))];
  const firstSite = 2 + demands.length;
  const firstMonitor = firstSite + demands.length * sites.length;
  const flow = new Flow(firstMonitor + monitors.length);
  for (const [index, demand] of demands.entries()) {
    flow.connect(0, 2 + index, demand.count * places);
    const atSite = (site: string): number => firstSite + index * sites.length + sites.indexOf(site);
    for (const site of sites) flow.connect(2 + index, atSite(site), demand.count);
    for (const [at, monitor] of monitors.entries()) {
      if (isEligible(monitor, demand.placement)) flow.connect(atSite(monitor.site), firstMonitor + at, demand.count);
    }
  }
  for (const [at, { capacity }] of monitors.entries()) flow.connect(firstMonitor + at, 1, capacity);
  return flow.maximum(0, 1);
}
