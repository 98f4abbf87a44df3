import { decide, type Decision, type DecideView, type PlanMonitor } from '@guaita/assignment';
import type { Device, Header, Id, Policy } from '@guaita/model';
import type { Effect } from './effect.ts';
import { highestEpisode } from './episode.ts';
import type { Situation } from './situation.ts';

/** Follows the plan with this monitor's own claims, looking only at what may have changed. */
export class Decider {
  readonly #situation: Situation;
  readonly #capacity: number;
  readonly #watching = new Map<Id, { readonly device: Device; readonly snmp: boolean }>();
  /** Our leaving claims, and what is planned here and had no room: others' next word may settle them. */
  readonly #unsettled = new Set<Id>();
  /** Entries of the inventory that the plan does not know yet. */
  readonly #edited = new Set<Id>();
  #monitors = '';
  #policy: Policy | undefined;
  #recheck = false;

  constructor(situation: Situation, capacity: number) {
    this.#situation = situation;
    this.#capacity = capacity;
  }

  /** The entry of a device has changed, came or went. */
  edited(device: Id): void {
    this.#edited.add(device);
  }

  /** Others have said what may settle a claim of ours. */
  recheck(): void {
    this.#recheck = true;
  }

  /** Plans anew what has to be, and decides. Gives the devices whose plan or whose claim of ours has changed. */
  follow(own: Header, policy: Policy): Set<Id> {
    const touched = this.#replan(own, policy);
    let todo: Iterable<Id> = this.#recheck ? [...touched, ...this.#unsettled] : touched;
    this.#recheck = false;
    for (;;) {
      const devices = new Set(todo);
      const decisions = decide(this.#view(own), devices);
      for (const decision of decisions) {
        this.#apply(decision);
        touched.add(decision.device);
      }
      for (const device of devices) this.#settle(device);
      // What was released makes room for what waits.
      if (this.#unsettled.size === 0 || !decisions.some(({ to }) => to === 'released')) return touched;
      todo = this.#unsettled;
    }
  }

  /** What to watch from now on otherwise than before. */
  *watch(devices: Iterable<Id>, policy: Policy): IterableIterator<Effect> {
    for (const id of devices) {
      const device = this.#situation.exchange.inventory.get(id);
      const before = this.#watching.get(id);
      if (device === undefined || !this.#situation.claims.states.has(id)) {
        if (this.#watching.delete(id)) yield { kind: 'unwatch', device: id };
        continue;
      }
      const snmp = this.#situation.polls(id, policy);
      if (before?.device === device && before.snmp === snmp) continue;
      this.#watching.set(id, { device, snmp });
      yield { kind: 'watch', device, snmp };
    }
  }

  #replan(own: Header, policy: Policy): Set<Id> {
    const { planner, exchange } = this.#situation;
    const monitors: PlanMonitor[] = this.#situation.planMonitors(own);
    monitors.sort((a, b) => (a.monitor < b.monitor ? -1 : 1));
    const text = JSON.stringify(monitors);
    if (text === this.#monitors && policy === this.#policy && this.#edited.size === 0) return new Set();
    const edited = [...this.#edited];
    this.#edited.clear();
    const changed = planner.update({
      devices: edited.flatMap((id) => {
        const device = exchange.inventory.get(id);
        return device === undefined ? [] : [{ device: id, placement: device.placement }];
      }),
      gone: edited.filter((id) => !exchange.inventory.has(id)),
      ...(text === this.#monitors ? {} : { monitors }),
      ...(policy === this.#policy ? {} : { policy }),
    });
    this.#monitors = text;
    this.#policy = policy;
    this.#recheck = true;
    return new Set([...changed, ...edited]);
  }

  #view({ incarnation }: Header): DecideView {
    const { self, claims, planner, exchange, peers } = this.#situation;
    return {
      self,
      capacity: this.#capacity,
      own: claims.states,
      planned: (device) => planner.monitorsOf(device),
      known: (device) => exchange.inventory.has(device),
      holds: (monitor, device) => this.#situation.holds(monitor, device),
      seen: (monitor) => {
        const seen = peers.get(monitor)?.header?.seen[self];
        return seen?.incarnation === incarnation ? seen.version : -1;
      },
    };
  }

  #apply({ device, to }: Decision): void {
    const { claims } = this.#situation;
    if (to === 'released') {
      claims.release(device);
      return;
    }
    const before = claims.get(device);
    claims.set(device, {
      ...(before ?? { sees: 'unprobed', episode: highestEpisode(this.#situation.seenClaims(device)) }),
      state: to,
    });
  }

  #settle(device: Id): void {
    const { self, claims, planner, exchange } = this.#situation;
    const state = claims.states.get(device)?.state;
    const waits = state === undefined && exchange.inventory.has(device) && planner.monitorsOf(device).includes(self);
    if (state === 'leaving' || waits) this.#unsettled.add(device);
    else this.#unsettled.delete(device);
  }
}
