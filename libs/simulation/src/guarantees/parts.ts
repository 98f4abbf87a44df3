import type { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';

/** Hosts that all hear each other, and that nobody else hears or is heard by. */
export interface Part {
  readonly hosts: readonly Host[];
  /** The slowest way between two of them. */
  readonly over: 'mqtt' | 'database';
}

/**
 * The connected parts. Hosts that hear some of a part and not all of it, or are heard and do not hear, are in none:
 * nothing is promised to them, nor to whoever they disturb.
 */
export function partsOf(world: World): Part[] {
  const alive = world.alive;
  const neighbours = new Map(
    alive.map((host) => [host, alive.filter((other) => other !== host && connects(world, host, other))]),
  );
  const parts: Part[] = [];
  const placed = new Set<Host>();
  for (const host of alive) {
    if (placed.has(host)) continue;
    const hosts = [host];
    placed.add(host);
    for (const member of hosts) {
      for (const other of neighbours.get(member) ?? []) {
        if (placed.has(other)) continue;
        placed.add(other);
        hosts.push(other);
      }
    }
    const over = slowest(world, hosts);
    if (over !== undefined) parts.push({ hosts, over });
  }
  return parts;
}

/** Something goes from one to the other, or back. */
function connects(world: World, one: Host, other: Host): boolean {
  return world.reach(one, other) !== undefined || world.reach(other, one) !== undefined;
}

/** The slowest way between two of some hosts; `undefined` when there is none between some two. */
function slowest(world: World, hosts: readonly Host[]): Part['over'] | undefined {
  let over: Part['over'] = world.scenario.links === 'database' ? 'database' : 'mqtt';
  for (const from of hosts) {
    for (const to of hosts) {
      if (from === to) continue;
      const way = world.reach(from, to);
      if (way === undefined) return undefined;
      if (way === 'database') over = 'database';
    }
  }
  return over;
}
