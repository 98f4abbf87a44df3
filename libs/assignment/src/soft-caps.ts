import type { Group } from './group.ts';
import type { Roster } from './roster.ts';

/** How often what a full monitor cannot take is spread over the others: each time the rest is far smaller. */
const PASSES = 4;

/**
 * How many devices each monitor should have at most after the given number of rounds, by monitor number, so that load
 * is even: its expected share s, and twice the square root of that. The hash alone stays below it nearly always, so it
 * moves few devices; at 1,750 devices a monitor it is 4.8 % over the mean. A monitor that cannot bear its share leaves
 * it to the others.
 */
export function softCaps(roster: Roster, groups: readonly Group[], round: number): Float64Array {
  const shares = new Float64Array(roster.size);
  const limits = new Float64Array(roster.size);
  for (const { eligible, odds, count } of groups) {
    const chances = odds[round]!;
    for (let index = 0; index < eligible.length; index += 1) {
      const monitor = eligible[index]!;
      shares[monitor] = shares[monitor]! + count * chances[index]!;
      limits[monitor] = limits[monitor]! + count;
    }
  }
  for (const monitor of roster.active) limits[monitor] = Math.min(limits[monitor]!, roster.capacities[monitor]!);
  for (let pass = 0; pass < PASSES; pass += 1) {
    let excess = 0;
    let open = 0;
    for (const monitor of roster.active) {
      if (shares[monitor]! < limits[monitor]!) {
        open += roster.capacities[monitor]!;
      } else {
        excess += shares[monitor]! - limits[monitor]!;
        shares[monitor] = limits[monitor]!;
      }
    }
    if (excess === 0 || open === 0) break;
    for (const monitor of roster.active) {
      if (shares[monitor]! < limits[monitor]!) {
        shares[monitor] = shares[monitor]! + (excess * roster.capacities[monitor]!) / open;
      }
    }
  }
  return Float64Array.from(shares, (share, monitor) =>
    Math.min(Math.ceil(share + 2 * Math.sqrt(share)), roster.capacities[monitor]!),
  );
}
