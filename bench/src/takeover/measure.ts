import { setTimeout as pause } from 'node:timers/promises';
import type { Id } from '@guaita/model';
import type { Site } from '@guaita/site-lab';

/** What became of the devices of a monitor that was killed. */
export interface Takeover {
  readonly devices: number;
  /** Of each device that was taken over, how long after the kill, in order. */
  readonly times_s: readonly number[];
  /** Devices that nobody had taken over in the end. */
  readonly lost: number;
  /** Claims of the others that were given up again, or taken more than once. */
  readonly flapped: number;
  /** Devices that no live monitor claimed at one of the looks, twice a second. */
  readonly unclaimed: number;
}

const POLL_ms = 20;
/** Who wavers does so within a few beats and answers. */
const LINGER_ms = 10_000;

/**
 * Kills all that one host runs, and follows what becomes of the devices that it watched. One is taken over when a monitor
 * that did not claim it before claims it, and a probe of its own has ended after the kill; what counts is when the
 * observer has heard of both.
 */
export async function measureTakeover(site: Site, victim: Id, limit_s: number): Promise<Takeover> {
  const { observer } = site;
  const devices = [...observer.monitor(victim).claims.states.keys()];
  const others = new Map(devices.map((device) => [device, new Set(observer.claimants(device))]));
  const changesBefore = observer.changes.length;
  const looksBefore = observer.looks.length;

  const wall_ms = Date.now();
  const from_ms = performance.now();
  await site.kill(victim);
  const taken = new Map<Id, number>();
  while (taken.size < devices.length && performance.now() < from_ms + limit_s * 1000) {
    await pause(POLL_ms);
    for (const device of devices) {
      if (taken.has(device)) continue;
      const times_ms = observer
        .claimants(device, 'held')
        .filter((monitor) => !others.get(device)?.has(monitor))
        .flatMap((monitor) => takenAt_ms(site, monitor, device, wall_ms) ?? []);
      if (times_ms.length > 0) taken.set(device, Math.min(...times_ms) - from_ms);
    }
  }
  await pause(LINGER_ms);

  const after = observer.changes.slice(changesBefore).filter(({ monitor }) => monitor !== victim);
  const seen = new Set<string>();
  const flapped = new Set<string>();
  for (const { monitor, device, from } of after) {
    const claim = `${monitor} ${device}`;
    if (from !== undefined || seen.has(claim)) flapped.add(claim);
    seen.add(claim);
  }
  const unclaimed = new Set(observer.looks.slice(looksBefore).flatMap((look) => look.unclaimed));
  return {
    devices: devices.length,
    times_s: [...taken.values()].map((time_ms) => time_ms / 1000).sort((a, b) => a - b),
    lost: devices.length - taken.size,
    flapped: flapped.size,
    unclaimed: unclaimed.size,
  };
}

/** When the observer had heard both of the claim and of a probe that ended since. */
function takenAt_ms({ observer }: Site, monitor: Id, device: Id, since_wall_ms: number): number | undefined {
  const seen = observer.monitor(monitor);
  const claimed_ms = seen.since_ms(device);
  const probe = seen.probe(device);
  if (claimed_ms === undefined || probe === undefined || probe.at_ms < since_wall_ms) return undefined;
  return Math.max(claimed_ms, probe.heard_ms);
}

/** The share of a takeover's devices that were taken over within a time. */
export function shareWithin({ times_s, devices }: Takeover, limit_s: number): number {
  return times_s.filter((time_s) => time_s <= limit_s).length / devices;
}
