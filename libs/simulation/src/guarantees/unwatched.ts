import type { Id } from '@guaita/model';
import type { Links } from '../scenario/scenario.ts';
import type { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import type { Beliefs } from './beliefs.ts';
import { joined } from './ledger.ts';
import { partsOf } from './parts.ts';
import { isBeginning, takeover_ms } from './times.ts';
import { devicesOf, truthOf } from './truth.ts';
import { Violation } from './violation.ts';
import { Watchers } from './watchers.ts';

/** Devices that nobody watches are looked for this often. */
const LOOK_EVERY_ms: Record<Links, number> = { mqtt: 1000, both: 1000, database: 15_000 };

/** Guarantee 2: only a crash takes the last watcher from a device, and then not for long. */
export class Unwatched {
  readonly #world: World;
  readonly #beliefs: Beliefs;
  readonly watchers = new Watchers();
  #looked_ms = -Infinity;

  constructor(world: World, beliefs: Beliefs) {
    this.#world = world;
    this.#beliefs = beliefs;
  }

  watches(host: Host, device: Id): void {
    this.watchers.watch(host, device);
  }

  unwatches(host: Host, device: Id): void {
    const world = this.#world;
    const now_ms = world.agenda.now_ms;
    if (!this.watchers.unwatch(host, device, now_ms)) return;
    // What the host does is told before what it knows: looked at when it has told all.
    world.agenda.after(0, () => {
      if (this.watchers.count(device) > 0) return;
      // Removed, as it knows, or as others know who have let go of it already.
      if (![[host], world.alive].every((hosts) => devicesOf(joined(hosts).values()).has(device))) {
        this.watchers.drop(device);
        return;
      }
      const over = world.scenario.links === 'database' ? 'database' : 'mqtt';
      if (now_ms - this.watchers.crashed_ms(device) <= takeover_ms(over, world.delay_ms)) return;
      throw new Violation(2, now_ms, `${host.id} releases ${device}, and nobody watches it`, device);
    });
  }

  /** A host's program has ended. */
  ended(host: Host): void {
    this.watchers.crash(host, this.#world.agenda.now_ms);
  }

  /** Looks for devices that have had no watcher for longer than a crash gives reason for. */
  look(faulted_ms: number): void {
    const world = this.#world;
    const now_ms = world.agenda.now_ms;
    const unwatched = [...this.watchers.unwatched];
    if (unwatched.length === 0 || now_ms - this.#looked_ms < LOOK_EVERY_ms[world.scenario.links]) return;
    this.#looked_ms = now_ms;
    // Who has just begun takes nothing until it could have heard the others: the others have to do without it.
    const idle = new Set(world.alive.filter((host) => isBeginning(host, world.scenario.links, now_ms)));
    const parts = partsOf(world).map((part) => ({ part, truth: truthOf(world, part, idle) }));
    for (const { device, since_ms } of unwatched) {
      if (!parts.some(({ truth }) => truth.devices.has(device))) {
        this.watchers.drop(device);
        continue;
      }
      const able = parts.filter(({ truth }) => truth.ample && (truth.planned.get(device)?.length ?? 0) > 0);
      if (able.length === 0) this.watchers.excuse(device, now_ms);
      const since = Math.max(since_ms, faulted_ms);
      if (!able.some(({ part }) => now_ms - since > takeover_ms(this.#beliefs.slowest(part), world.delay_ms))) continue;
      const seconds = ((now_ms - since) / 1000).toFixed(1);
      throw new Violation(2, now_ms, `nobody watches ${device}, ${seconds} s after the last fault`, device);
    }
  }
}
