import { plan, type PlanMonitor } from '@guaita/assignment';
import type { Device, Id, Intent } from '@guaita/model';
import type { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import { compare, joined } from './ledger.ts';
import type { Part } from './parts.ts';

/** What should be, in a part, by one who knows everything. */
export interface Truth {
  readonly intents: ReadonlyMap<string, Intent>;
  readonly devices: ReadonlyMap<Id, Device>;
  readonly planned: ReadonlyMap<Id, readonly Id[]>;
  /** Every device is planned somewhere. */
  readonly complete: boolean;
  /** Every device can have all the monitors that it should, with a fifth to spare. */
  readonly ample: boolean;
}

/**
 * What should be in a part.
 *
 * @param idle hosts that do not yet take anything, though they will
 */
export function truthOf(world: World, { hosts }: Part, idle: ReadonlySet<Host> = new Set()): Truth {
  const intents = joined(hosts);
  const devices = devicesOf(intents.values());
  const monitors = hosts.map((host) => planMonitor(host, intents, idle.has(host)));
  const { policy } = world.scenario;
  const planned = plan(
    [...devices.values()].map(({ device, placement }) => ({ device, placement })),
    monitors,
    policy,
  );
  const complete = [...planned.values()].every((list) => list.length > 0);
  return { intents, devices, planned, complete, ample: isAmple(monitors, devices, policy.monitors_per_device) };
}

/** The devices that somebody feeds: of two entries for one the newer. */
export function devicesOf(intents: Iterable<Intent>): Map<Id, Device> {
  const newest = new Map<Id, Intent>();
  const devices = new Map<Id, Device>();
  for (const intent of intents) {
    if (intent.kind !== 'device' || !intent.wanted || intent.device === undefined) continue;
    const known = newest.get(intent.subject);
    if (known !== undefined && compare(intent, known) <= 0) continue;
    newest.set(intent.subject, intent);
    devices.set(intent.subject, intent.device);
  }
  return devices;
}

function planMonitor({ id, spec, facts }: Host, intents: ReadonlyMap<string, Intent>, idle: boolean): PlanMonitor {
  const takes = !idle && facts.probing && !facts.isolated && intents.get(`drain ${id} `)?.wanted !== true;
  return { monitor: id, site: spec.site, tags: spec.tags, capacity: takes ? spec.capacity : 0 };
}

function isAmple(monitors: readonly PlanMonitor[], devices: ReadonlyMap<Id, Device>, k: number): boolean {
  const able = monitors.filter(({ capacity }) => capacity > 0);
  const each = Math.min(k, able.length);
  const needed = devices.size * each * 1.2;
  const given = able.reduce((sum, { capacity }) => sum + Math.min(capacity, devices.size * 1.2), 0);
  return given >= needed && [...devices.values()].every(({ placement }) => placement === undefined);
}
