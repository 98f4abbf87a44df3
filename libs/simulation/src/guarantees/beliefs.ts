import type { Effect } from '@guaita/cluster';
import type { Id } from '@guaita/model';
import type { Host } from '../world/host.ts';
import type { Part } from './parts.ts';

/** Whom hosts take for alive by the database alone, and whether they may go on when it dies. */
export class Beliefs {
  readonly #grounded = new Map<Host, Set<Id>>();

  /**
   * Takes note of what a host says of a monitor. Who takes one for alive that is, or one of which it has never had anything
   * over MQTT, where it would be silent, has grounds to do so for as long as the database's patience.
   */
  effect(host: Host, effect: Effect, lives: (monitor: Id) => boolean): void {
    if (effect.kind !== 'monitor' || effect.monitor === host.id) return;
    const { monitor, view } = effect;
    const grounded = this.#grounded.get(host) ?? new Set();
    this.#grounded.set(host, grounded);
    if (view?.alive !== true || view.links.includes('mqtt')) grounded.delete(monitor);
    else if (lives(monitor) || !host.metOverMqtt.has(monitor)) grounded.add(monitor);
  }

  /** A host's program has ended. */
  ended(host: Host): void {
    this.#grounded.delete(host);
  }

  /** The slowest source by which one of a part lives for another, or by which one may be believed that is dead. */
  slowest({ hosts, over }: Part): Part['over'] {
    const members = new Set(hosts.map(({ id }) => id));
    const isMistaken = (host: Host): boolean => [...(this.#grounded.get(host) ?? [])].some((id) => !members.has(id));
    return hosts.some(isMistaken) ? 'database' : over;
  }
}
