import type { Placement } from '@guaita/model';
import { isEligible } from './eligible.ts';
import { exponentialOfMinus } from './logarithm.ts';
import { drawingOdds, timeUntil } from './odds.ts';
import type { Roster } from './roster.ts';

/** Safely under the relative error of the logarithm where it is greatest, at hashes close to 2³². */
const BOUND = 1 - 1e-6;

/** The devices of one placement: they may go to the same monitors. */
export interface Group {
  readonly placement: Placement | undefined;
  /** How many devices it has. */
  count: number;
  /** The monitors that may take them, by their numbers, in the order of their ids, and what their scores are made of. */
  eligible: Int32Array;
  /** 1 at their numbers. */
  isEligible: Uint8Array;
  hashes: Int32Array;
  inverses: Float64Array;
  /** Times the bare distance of a hash from its maximum, a lower bound of a key: it saves most logarithms. */
  bounds: Float64Array;
  /** A key under which a few more of those monitors are expected than are kept in mind for a device. */
  near: number;
  /** How many sites those monitors have. */
  sites: number;
  /** For 1, 2 … places of a device, the chance of each of those monitors to have one of them. */
  odds: readonly (readonly number[])[];
}

/** A group that has no devices yet. */
export function createGroup(placement: Placement | undefined, roster: Roster, places: number): Group {
  const none = new Float64Array();
  const group: Group = {
    placement,
    count: 0,
    eligible: new Int32Array(),
    isEligible: new Uint8Array(),
    hashes: new Int32Array(),
    inverses: none,
    bounds: none,
    near: Infinity,
    sites: 0,
    odds: [],
  };
  refreshGroup(group, roster, places);
  return group;
}

/**
 * Works out again what depends on the monitors.
 *
 * @param alike groups that are up to date, by their monitors: placements of different words often mean the same ones
 */
export function refreshGroup(group: Group, roster: Roster, places: number, alike = new Map<string, Group>()): void {
  const eligible = roster.active.filter((monitor) => isEligible(roster.records[monitor]!, group.placement));
  const same = alike.get(eligible.join());
  if (same !== undefined) {
    const { placement, count } = group;
    Object.assign(group, same, { placement, count });
    return;
  }
  alike.set(eligible.join(), group);
  group.eligible = Int32Array.from(eligible);
  group.isEligible = new Uint8Array(roster.size);
  for (const monitor of eligible) group.isEligible[monitor] = 1;
  group.hashes = Int32Array.from(eligible, (monitor) => roster.hashes[monitor]!);
  group.inverses = Float64Array.from(eligible, (monitor) => roster.inverses[monitor]!);
  group.bounds = group.inverses.map((inverse) => (inverse * BOUND) / 4294967296);
  group.near = expectedWithin(
    eligible.map((monitor) => roster.capacities[monitor]!),
    keptInMind(places),
  );
  group.sites = new Set(eligible.map((monitor) => roster.sites[monitor]!)).size;
  group.odds = placingOdds(
    eligible.map((monitor) => roster.capacities[monitor]!),
    eligible.map((monitor) => roster.sites[monitor]!),
    places,
  );
}

/** How many of its best monitors are kept in mind for a device: enough that sites and full monitors seldom ask for more. */
export function keptInMind(places: number): number {
  return 2 * places + 2;
}

/** Three standard deviations more than `count`: hardly a device has fewer, and is then looked through once more. */
function expectedWithin(weights: readonly number[], count: number): number {
  const expected = count + 3 * Math.sqrt(count);
  if (expected >= weights.length) return Infinity;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const rates = weights.map((weight) => weight / sum);
  return (
    timeUntil(
      rates,
      rates.map(() => 1),
      expected,
    ) / sum
  );
}

/** The chances of the monitors when first one site after another is drawn, then any monitor that is left. */
function placingOdds(weights: readonly number[], siteOf: readonly number[], places: number): number[][] {
  const sites = [...new Set(siteOf)];
  if (sites.length <= 1) return drawingOdds(weights, places);
  const siteWeights = sites.map((site) =>
    weights.reduce((total, weight, index) => total + (siteOf[index] === site ? weight : 0), 0),
  );
  const position = siteOf.map((site) => sites.indexOf(site));
  const within = weights.map((weight, index) => weight / siteWeights[position[index]!]!);
  const odds = drawingOdds(siteWeights, Math.min(places, sites.length)).map((chances) =>
    within.map((part, index) => part * chances[position[index]!]!),
  );
  const left = within.map((part) => 1 - part);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const rates = weights.map((weight) => weight / sum);
  while (odds.length < places) {
    const time = timeUntil(rates, left, odds.length + 1 - sites.length);
    odds.push(within.map((part, index) => part + left[index]! * (1 - exponentialOfMinus(rates[index]! * time))));
  }
  return odds;
}
