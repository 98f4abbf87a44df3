import type { Id } from '@guaita/model';
import type { Fault } from '../scenario/fault.ts';
import type { World } from '../world/world.ts';
import type { Part } from './parts.ts';
import type { Assignment } from './settled.ts';
import type { Truth } from './truth.ts';
import { Violation } from './violation.ts';

/** What was held when all had settled. */
interface Snapshot {
  readonly assignment: Assignment;
  readonly truth: Truth;
  readonly alive: readonly Id[];
}

/** Guarantee 3: what a join or a leave moves, where nothing else happened between two settled views. */
export class Moves {
  readonly #world: World;
  #before: Snapshot | undefined;
  #since: Fault['kind'][] = [];
  /** How often that was counted. */
  counted = 0;

  constructor(world: World) {
    this.#world = world;
  }

  began(kind: Fault['kind']): void {
    this.#since.push(kind);
  }

  /** All has settled, among all. */
  settled(part: Part, truth: Truth, assignment: Assignment): void {
    const before = this.#before;
    const [kind, ...others] = this.#since;
    const now: Snapshot = { assignment, truth, alive: part.hosts.map(({ id }) => id).sort() };
    this.#before = now;
    this.#since = [];
    if (before === undefined || others.length > 0 || (kind !== 'join' && kind !== 'leave')) return;
    const who = this.#cameOrWent(part, before, now);
    if (who === undefined) return;
    const busy = kind === 'join' ? assignment : before.assignment;
    const claims = [...busy.values()].reduce((sum, { size }) => sum + size, 0);
    const fairShare = claims / Math.max(now.alive.length, before.alive.length);
    const count = moved(before.assignment, assignment);
    this.counted++;
    if (count <= mostMoved(fairShare, loadOf(busy, who))) return;
    const text = `a ${kind} of ${who} moved ${count} claims; its fair share is ${fairShare.toFixed(1)}`;
    throw new Violation(3, this.#world.agenda.now_ms, text);
  }

  /** The one that came or went, where the guarantee speaks of that: equal weights, room to spare, the same sites. */
  #cameOrWent({ hosts }: Part, before: Snapshot, now: Snapshot): Id | undefined {
    const world = this.#world;
    if (world.scenario.policy.mode !== 'spread' || !before.truth.ample || !now.truth.ample) return undefined;
    const equal = new Set([...world.hosts.values()].map(({ spec }) => spec.capacity)).size === 1;
    const sites = (ids: readonly Id[]) => new Set(ids.map((id) => world.host(id).spec.site)).size;
    const able = hosts.every(({ facts }) => facts.probing && !facts.isolated);
    const [who, ...others] = [...new Set([...before.alive, ...now.alive])].filter(
      (id) => before.alive.includes(id) !== now.alive.includes(id),
    );
    const counts = equal && able && others.length === 0 && sites(before.alive) === sites(now.alive);
    return counts ? who : undefined;
  }
}

/** Claims that are in the second and were not in the first. */
export function moved(before: Assignment, after: Assignment): number {
  let count = 0;
  for (const [device, holders] of after) {
    for (const monitor of holders) if (before.get(device)?.has(monitor) !== true) count++;
  }
  return count;
}

/** How many claims each monitor has. */
export function loadOf(assignment: Assignment, monitor: Id): number {
  let count = 0;
  for (const holders of assignment.values()) if (holders.has(monitor)) count++;
  return count;
}

/**
 * The most claims that one join or leave may move: a tenth more than what the one who comes or goes should have, or
 * truly has. Which devices these are is by lot, so few devices vary about that by their binomial deviation: four of
 * them are granted.
 */
function mostMoved(fairShare: number, load: number): number {
  return 1.1 * Math.max(fairShare, load) + 4 * Math.sqrt(fairShare);
}
