import type { Id, Intent } from '@guaita/model';
import type { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import { joined, type Ledger } from './ledger.ts';
import type { Part } from './parts.ts';
import type { Truth } from './truth.ts';
import { Violation } from './violation.ts';

/** What is held in a part: who holds each device. */
export type Assignment = ReadonlyMap<Id, ReadonlySet<Id>>;

const list = (ids: Iterable<Id>): string => [...ids].sort().join(', ') || 'nobody';
const same = (one: Iterable<Id>, other: Iterable<Id>): boolean => list(one) === list(other);

/** Guarantees 1, 4 and 5 in a part that has been quiet for long enough. Gives who holds what. */
export function checkSettled(world: World, part: Part, truth: Truth, ledger: Ledger): Assignment {
  const now_ms = world.agenda.now_ms;
  const assignment = new Map<Id, Set<Id>>([...truth.devices.keys()].map((device) => [device, new Set()]));
  for (const host of part.hosts) {
    const claims = ledger.claims(host);
    if (!same(claims.keys(), host.told.watched.keys())) {
      throw new Violation(
        1,
        now_ms,
        `${host.id} claims ${list(claims.keys())} and watches ${list(host.told.watched.keys())}`,
      );
    }
    for (const [device, claim] of claims) {
      const planned = truth.planned.get(device);
      if (planned === undefined) {
        throw new Violation(5, now_ms, `${host.id} still claims ${device}, which was removed`, device);
      }
      // Planned nowhere: nobody can take over, and whoever watches goes on.
      if (claim.state === 'leaving' && planned.length > 0 && !waitsForRoom(part, truth, ledger, device)) {
        throw new Violation(1, now_ms, `${host.id} still leaves ${device}; planned: ${list(planned)}`, device);
      }
      if (claim.state === 'held') assignment.get(device)?.add(host.id);
    }
    if (claims.size > host.spec.capacity && truth.complete) {
      throw new Violation(
        4,
        now_ms,
        `${host.id} claims ${claims.size} devices once settled; capacity ${host.spec.capacity}`,
      );
    }
  }
  checkPlanned(world, part, truth, assignment, ledger);
  checkSnmp(world, part, truth, ledger);
  checkViews(world, part, truth, assignment);
  checkIntents(world, part, truth);
  checkAlertIntents(world, part, truth);
  return assignment;
}

/**
 * Where there is no room for all, who watches what is planned nowhere cannot let go of it, and has no room for what is
 * planned there: that waits.
 */
function waitsForRoom({ hosts }: Part, truth: Truth, ledger: Ledger, device: Id): boolean {
  const planned = truth.planned.get(device) ?? [];
  return (
    !truth.complete &&
    hosts.some((host) => {
      const claims = ledger.claims(host);
      return planned.includes(host.id) && !claims.has(device) && claims.size >= host.spec.capacity;
    })
  );
}

function checkPlanned(world: World, part: Part, truth: Truth, assignment: Assignment, ledger: Ledger): void {
  const now_ms = world.agenda.now_ms;
  const k = world.scenario.policy.monitors_per_device;
  const able = part.hosts.filter(
    ({ id, facts }) => facts.probing && !facts.isolated && truth.intents.get(`drain ${id} `)?.wanted !== true,
  );
  for (const [device, planned] of truth.planned) {
    const held = assignment.get(device) ?? new Set();
    if (planned.length > 0 && !same(held, planned) && !waitsForRoom(part, truth, ledger, device)) {
      throw new Violation(1, now_ms, `${device} is held by ${list(held)}; planned: ${list(planned)}`, device);
    }
    if (truth.ample && planned.length !== Math.min(k, able.length)) {
      throw new Violation(
        1,
        now_ms,
        `${device} is planned for ${planned.length} of ${able.length} able monitors; k is ${k}, and there is room`,
        device,
      );
    }
  }
}

/** The first of the list, and only these, poll by SNMP. */
function checkSnmp(world: World, part: Part, truth: Truth, ledger: Ledger): void {
  for (const host of part.hosts) {
    for (const [device, { snmp }] of host.told.watched) {
      const planned = truth.planned.get(device) ?? [];
      if (planned.length === 0 || waitsForRoom(part, truth, ledger, device)) continue;
      const polls = planned.slice(0, world.scenario.policy.snmp_per_device).includes(host.id);
      if (snmp !== polls && truth.devices.get(device)?.checks.snmp !== undefined) {
        throw new Violation(
          1,
          world.agenda.now_ms,
          `${host.id} ${snmp ? 'polls' : 'does not poll'} ${device}; planned: ${planned.join(', ')}`,
          device,
        );
      }
    }
  }
}

/** One view: what each tells of devices and monitors is what is. */
function checkViews(world: World, part: Part, truth: Truth, assignment: Assignment): void {
  const now_ms = world.agenda.now_ms;
  const members = new Set(part.hosts.map(({ id }) => id));
  for (const host of part.hosts) {
    if (!same(host.told.devices.keys(), truth.devices.keys())) {
      const lacking = [...truth.devices.keys()].filter((id) => !host.told.devices.has(id));
      const extra = [...host.told.devices.keys()].filter((id) => !truth.devices.has(id));
      throw new Violation(
        5,
        now_ms,
        `${host.id} does not know ${list(lacking)}, and wrongly knows ${list(extra)}`,
        lacking[0] ?? extra[0],
      );
    }
    for (const [device, view] of host.told.devices) {
      if (!same(view.planned, truth.planned.get(device) ?? [])) {
        throw new Violation(
          5,
          now_ms,
          `${host.id} plans ${device} for ${list(view.planned)}; right: ${list(truth.planned.get(device) ?? [])}`,
          device,
        );
      }
      if (!same(view.held, assignment.get(device) ?? [])) {
        throw new Violation(
          5,
          now_ms,
          `${host.id} tells that ${device} is held by ${list(view.held)}; right: ${list(assignment.get(device) ?? [])}`,
          device,
        );
      }
    }
    for (const [monitor, { alive }] of host.told.monitors) {
      if (alive !== members.has(monitor)) {
        throw new Violation(5, now_ms, `${host.id} takes ${monitor} for ${alive ? 'alive' : 'dead'}`);
      }
    }
  }
}

/** Nothing entered is lost, and each file's devices are those of the file. */
function checkIntents(world: World, part: Part, truth: Truth): void {
  const now_ms = world.agenda.now_ms;
  for (const host of part.hosts) {
    const own = joined([host]);
    for (const [key, intent] of truth.intents) {
      if (told(own.get(key)) !== told(intent)) {
        throw new Violation(
          5,
          now_ms,
          `${host.id} has ${told(own.get(key))} for "${key}"; right: ${told(intent)}`,
          intent.subject,
        );
      }
    }
    const fed = [...truth.intents.values()].filter(
      (intent) => intent.kind === 'device' && intent.feeder === host.id && intent.wanted,
    );
    const file = host.file.map(({ device }) => device);
    if (
      !same(
        fed.map(({ subject }) => subject),
        file,
      )
    ) {
      throw new Violation(
        5,
        now_ms,
        `the file of ${host.id} has ${list(file)}; known of it: ${list(fed.map(({ subject }) => subject))}`,
      );
    }
  }
}

/** Each tells of the silences and acknowledgements that count, and of no other. */
function checkAlertIntents(world: World, part: Part, truth: Truth): void {
  for (const host of part.hosts) {
    const counting = [...truth.intents.values()].filter(
      (intent) =>
        (intent.kind === 'silence' && Date.parse(intent.silence?.until ?? '') > host.wall_ms) ||
        (intent.kind === 'acknowledgement' && intent.wanted),
    );
    const subjects = counting.map(({ subject }) => subject);
    const known = [...host.told.silences, ...host.told.acknowledged];
    if (same(known, subjects)) continue;
    const what = `${host.id} tells of the silences and acknowledgements ${list(known)}; right: ${list(subjects)}`;
    throw new Violation(5, world.agenda.now_ms, what);
  }
}

function told(intent: Intent | undefined): string {
  if (intent === undefined) return 'nothing';
  const { at_ms, counter, writer } = intent.stamp;
  return `"${intent.wanted ? 'wanted' : 'not wanted'}" of ${writer} at ${at_ms}.${counter}`;
}

/** A host by which to say that a part was looked at. */
export function nameOf(part: Part): string {
  return list(part.hosts.map(({ id }: Host) => id));
}
