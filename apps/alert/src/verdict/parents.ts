import type { Id, PingObservation, Vote } from '@guaita/model';

/** What has to be known of a device to judge its children. */
export interface Kin {
  readonly parents: readonly Id[];
  /** Its voters say that it is down, or that is what is said of it. */
  readonly gone: boolean;
  /** Its voters see within so many seconds that it has gone; 0: nobody looks. */
  readonly seenWithin_s: number;
  /** What each monitor saw of it last. */
  readonly observations: ReadonlyMap<Id, PingObservation>;
}

/** What is known of a device; `undefined` when it is not in the inventory: then it explains nothing, and is passed over. */
export type Kinship = (device: Id) => Kin | undefined;

/**
 * Whether the parents of a device that its voters call down explain that: all of them are gone. Devices that stand in a
 * circle of parents (somebody's mistake) explain each other only where something outside of it has gone too: else
 * nobody would be told of any.
 */
export function areAllGone(device: Id, kin: Kinship): boolean {
  const seen = new Set<Id>();
  const above = [...known(device, kin)];
  if (above.length === 0 || !above.every(([, { gone }]) => gone)) return false;
  for (let next = above.pop(); next !== undefined; next = above.pop()) {
    const [id] = next;
    if (seen.has(id)) continue;
    seen.add(id);
    const parents = known(id, kin);
    if (parents.length === 0 || !parents.every(([, { gone }]) => gone)) return true;
    above.push(...parents);
  }
  return !seen.has(device);
}

/**
 * How long a device must have been down until its parents, of which some are not known to have gone, are known not to
 * have: its monitors probe them at other times than the device, and may have seen the outage of a router at its children
 * first. One that stands is enough; it has to be seen, or time to be seen has to pass.
 *
 * @param votes of the device.
 */
export function parentsSeenWithin_s(device: Id, votes: readonly Vote[], kin: Kinship): number {
  const standing = known(device, kin).filter(([id, { gone }]) => !gone && id !== device);
  if (standing.length === 0 || standing.some(([, { observations }]) => isVouchedFor(observations, votes))) return 0;
  return Math.min(...standing.map(([, { seenWithin_s }]) => seenWithin_s));
}

/**
 * Whether a monitor that has lost the device has seen the parent answer after that: both stamps are of its own clock. A
 * probe in which anything was lost may have met the end of the parent.
 */
function isVouchedFor(observations: ReadonlyMap<Id, PingObservation>, votes: readonly Vote[]): boolean {
  return votes.some(({ monitor, counts, down_since }) => {
    const observation = observations.get(monitor);
    if (!counts || down_since === undefined || observation === undefined) return false;
    return isWell(observation) && Date.parse(observation.at) > Date.parse(down_since);
  });
}

/** Every request of the probe was answered. */
function isWell({ state, loss_percent }: PingObservation): boolean {
  return state === 'up' && loss_percent === 0;
}

function known(device: Id, kin: Kinship): (readonly [Id, Kin])[] {
  const parents: (readonly [Id, Kin])[] = [];
  for (const id of kin(device)?.parents ?? []) {
    const parent = kin(id);
    if (parent !== undefined) parents.push([id, parent]);
  }
  return parents;
}
