import { NOBODY, type DeviceTable } from './device-table.ts';
import type { Group } from './group.ts';
import { Phase } from './phase.ts';
import type { Roster } from './roster.ts';
import { softCaps } from './soft-caps.ts';
import { Swaps } from './swaps.ts';

/**
 * Gives every device its monitors, round by round: all first places before any second. Within a round a place is rather
 * filled than not; then rather at a site that the device does not have yet; then rather by a monitor that has no more
 * than its share; then by the best score.
 *
 * What was assigned before is of no account: the same devices and monitors always give the same plan.
 *
 * @param groups in an order that is the same everywhere
 */
export function assignAll(table: DeviceTable, roster: Roster, groups: readonly Group[]): void {
  const { assigned, places, size } = table;
  assigned.fill(NOBODY, 0, size * places);
  const load = new Float64Array(roster.size);
  const hard = Float64Array.from(roster.capacities);
  const swaps = new Swaps(table, roster, load);
  for (let round = 0; round < places; round += 1) {
    const soft = softCaps(roster, groups, round);
    const give = (rows: Iterable<number>, anySite: boolean): number[] => {
      const left = new Phase(table, roster, { round, caps: soft, load, anySite }).run(rows);
      if (left.length === 0) return left;
      return new Phase(table, roster, { round, caps: hard, load, anySite }).run(left);
    };
    const { seekers, others } = splitBySites(table, roster, round);
    const unserved = give(seekers, false);
    const rest = others.concat(swaps.fill(unserved, round, true));
    const open = rest.length > 0 ? give(rest, true) : [];
    // Swaps that look at no sites may take a device to a site that it has, although another has room for it.
    if (swaps.fill(open, round, false).length < open.length) swaps.moveApart();
  }
}

/** The devices that may have another monitor: those for which there is a site that is new to them, and the others. */
function splitBySites(table: DeviceTable, roster: Roster, round: number): { seekers: number[]; others: number[] } {
  const { assigned, places, groups, groupOf, size } = table;
  const seekers: number[] = [];
  const others: number[] = [];
  for (let row = 0; row < size; row += 1) {
    const start = row * places;
    // Nobody could be found for the place before; there is nobody for this one either.
    if (round > 0 && assigned[start + round - 1] === NOBODY) continue;
    let sites = 0;
    for (let place = start; place < start + round; place += 1) {
      let earlier = start;
      while (roster.sites[assigned[earlier]!] !== roster.sites[assigned[place]!]) earlier += 1;
      if (earlier === place) sites += 1;
    }
    (sites < groups[groupOf[row]!]!.sites ? seekers : others).push(row);
  }
  return { seekers, others };
}
