import type { Id } from '@guaita/model';
import { inSharedOrder } from './hash.ts';

/** A claim of our own, as we have said it. */
export interface OwnClaim {
  readonly state: 'held' | 'leaving';
  /** The claims version with which this state was first said. */
  readonly version: number;
}

/** What a monitor has to know to decide on its own claims. */
export interface DecideView {
  readonly self: Id;
  /** Our own capacity, as configured. */
  readonly capacity: number;
  readonly own: ReadonlyMap<Id, OwnClaim>;
  /** Who should watch the device; none when it is planned nowhere. */
  planned(device: Id): readonly Id[];
  /** The device is still in the inventory. */
  known(device: Id): boolean;
  /** That live monitor's complete copy has the device as held. */
  holds(monitor: Id, device: Id): boolean;
  /** The version of our claims that the monitor has complete; -1 for none. */
  seen(monitor: Id): number;
}

/** A claim to change. */
export interface Decision {
  readonly device: Id;
  readonly to: 'held' | 'leaving' | 'released';
}

/**
 * What to do about our own claims on the given devices. No other is looked at: the caller gives those whose plan, whose
 * claims or whose place in the inventory may have changed, and all that are planned here and not yet claimed as soon as
 * a claim was released, since what there is no room for is left out.
 *
 * A device that we watch stays watched until those who take over are known to hold it _and_ to know that we leave: two
 * monitors that release on sight of each other would leave it to nobody. One that is planned nowhere is never released.
 */
export function decide(view: DecideView, devices: Iterable<Id>): Decision[] {
  const decisions: Decision[] = [];
  const wanted: Id[] = [];
  let claims = view.own.size;
  for (const device of new Set(devices)) {
    const claim = view.own.get(device);
    const to = claim === undefined ? undefined : next(view, device, claim);
    if (to !== undefined) decisions.push({ device, to });
    if (to === 'released') claims -= 1;
    if (claim === undefined && view.known(device) && view.planned(device).includes(view.self)) wanted.push(device);
  }
  const room = capacityInHandover(view.capacity) - claims;
  // One order for all: those who wait for each other take the same devices first, so that one of them is done soon.
  for (const device of inSharedOrder(wanted).slice(0, Math.max(0, room))) decisions.push({ device, to: 'held' });
  return decisions;
}

/**
 * How many devices a monitor may claim while others take over from it: a tenth more than its capacity, and at least one
 * more, or full clusters would never move.
 */
export function capacityInHandover(capacity: number): number {
  return capacity + Math.max(1, Math.floor(capacity / 10));
}

function next(view: DecideView, device: Id, claim: OwnClaim): Decision['to'] | undefined {
  if (!view.known(device)) return 'released';
  const planned = view.planned(device);
  const here = planned.includes(view.self);
  if (claim.state === 'held') return here ? undefined : 'leaving';
  if (here) return 'held';
  const takenOver = planned.every((monitor) => view.seen(monitor) >= claim.version && view.holds(monitor, device));
  return planned.length > 0 && takenOver ? 'released' : undefined;
}
