import { type PlanMonitor, Planner } from '@guaita/assignment';
import type { Claim, Header, Id, Policy } from '@guaita/model';
import type { DeviceClaim } from './effect.ts';
import type { SeenClaim } from './episode.ts';
import type { IntentExchange } from './intent-exchange.ts';
import type { Liveness } from './liveness.ts';
import { OwnClaims } from './own-claims.ts';
import { Peers } from './peers.ts';

/** What one monitor knows: all others' records and who of them lives, its own claims, what operators intend, the plan. */
export class Situation {
  readonly self: Id;
  readonly peers = new Peers();
  readonly liveness: Liveness;
  readonly exchange: IntentExchange;
  readonly claims = new OwnClaims();
  readonly planner = new Planner();
  /** What a former self of ours had claimed: void, but for the episodes that it counted. */
  readonly former = new Map<Id, Claim>();

  /** Devices of which something has changed since the last advance. */
  readonly touched = new Set<Id>();

  constructor(self: Id, liveness: Liveness, exchange: IntentExchange) {
    this.self = self;
    this.liveness = liveness;
    this.exchange = exchange;
  }

  /** Notes that something of these devices has changed: each is looked at in the next advance. */
  touch(devices: Iterable<Id>): void {
    for (const device of devices) this.touched.add(device);
  }

  /** The other monitors that live and are known by their header. */
  *live(): IterableIterator<readonly [Id, Header]> {
    for (const [monitor, , header] of this.peers.known()) if (this.liveness.isAlive(monitor)) yield [monitor, header];
  }

  /** The claims of live monitors, this one too, on a device, as far as is known; by name. */
  liveClaims(device: Id): DeviceClaim[] {
    const claims: DeviceClaim[] = [];
    for (const monitor of this.peers.claimants(device)) {
      const claim = this.liveness.isAlive(monitor) ? this.peers.get(monitor)?.claim(device) : undefined;
      if (claim !== undefined) claims.push({ monitor, ...claim });
    }
    const own = this.claims.get(device);
    if (own !== undefined) claims.push({ monitor: this.self, ...own });
    return claims.sort((a, b) => (a.monitor < b.monitor ? -1 : 1));
  }

  /** A live monitor holds the device, and nothing of its claims is missing here. */
  holds(monitor: Id, device: Id): boolean {
    if (monitor === this.self) return this.claims.states.get(device)?.state === 'held';
    const record = this.peers.get(monitor);
    return record?.complete === true && this.liveness.isAlive(monitor) && record.claim(device)?.state === 'held';
  }

  /** All claims on a device that are known, with what each monitor saw. */
  seenClaims(device: Id): SeenClaim[] {
    const claims: SeenClaim[] = [];
    for (const monitor of this.peers.claimants(device)) {
      const claim = this.peers.get(monitor)?.claim(device);
      if (claim !== undefined) claims.push({ claim, live: this.liveness.isAlive(monitor) });
    }
    const own = this.claims.get(device);
    if (own !== undefined) claims.push({ claim: own, live: true });
    const former = this.former.get(device);
    if (former !== undefined) claims.push({ claim: former, live: false });
    return claims;
  }

  /** All live monitors as the plan has to see them: who cannot or should not watch has no capacity. */
  planMonitors(own: Header): PlanMonitor[] {
    return [[this.self, own] as const, ...this.live()].map(([monitor, header]) => ({
      monitor,
      site: header.site,
      tags: header.tags,
      capacity: this.canWatch(monitor, header) ? header.capacity : 0,
    }));
  }

  /** Whether a live monitor can watch devices at all: it probes, is not isolated and not drained. */
  canWatch(monitor: Id, { probing, isolated }: Header): boolean {
    return probing && !isolated && !this.exchange.isDraining(monitor);
  }

  /** Whether this monitor is to poll a device that it claims by SNMP, beside pinging it. */
  polls(device: Id, { snmp_per_device }: Policy): boolean {
    const held = monitorsOf(this.liveClaims(device), 'held');
    if (!held.includes(this.self)) return held.length === 0;
    const holding = this.planner.monitorsOf(device).filter((monitor) => held.includes(monitor));
    return holding.slice(0, snmp_per_device).includes(this.self);
  }
}

/** Whose claims are in this state. */
export function monitorsOf(claims: readonly DeviceClaim[], state: Claim['state']): Id[] {
  return claims.filter((claim) => claim.state === state).map(({ monitor }) => monitor);
}
