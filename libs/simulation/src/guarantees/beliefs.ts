import type { Effect } from '@guaita/cluster';
import type { Id } from '@guaita/model';
import type { Host } from '../world/host.ts';

/** What a host has had to go by in this run of its program. */
interface Grounds {
  /** Monitors that it has heard over MQTT. */
  readonly heard: Set<Id>;
  /** Monitors that it took for alive by the database alone, when they were. */
  readonly byDatabase: Set<Id>;
}

/** Why hosts take others for alive: whether one may still do so of a monitor that is dead. */
export class Beliefs {
  readonly #grounds = new Map<Host, Grounds>();

  /** Takes note of what a host says of a monitor that lives, or does not. */
  effect(host: Host, effect: Effect, lives: (monitor: Id) => boolean): void {
    if (effect.kind !== 'monitor' || effect.monitor === host.id) return;
    const { monitor, view } = effect;
    const { heard, byDatabase } = this.#of(host);
    const overMqtt = view?.links.includes('mqtt') === true;
    if (overMqtt) heard.add(monitor);
    if (overMqtt || view?.alive !== true) byDatabase.delete(monitor);
    else if (lives(monitor)) byDatabase.add(monitor);
  }

  /** A host's program has ended: it begins anew without what it heard. */
  ended(host: Host): void {
    this.#grounds.delete(host);
  }

  /**
   * A host may take a dead monitor for alive for as long as the database's patience when it lived by the database for
   * it, or when it had never heard it over MQTT: then the first beat that moves is believed.
   */
  mayBelieve(host: Host, dead: Id): boolean {
    if (host.monitorViews.get(dead)?.alive !== true) return false;
    const { heard, byDatabase } = this.#of(host);
    return byDatabase.has(dead) || !heard.has(dead);
  }

  #of(host: Host): Grounds {
    const grounds = this.#grounds.get(host) ?? { heard: new Set(), byDatabase: new Set() };
    this.#grounds.set(host, grounds);
    return grounds;
  }
}
