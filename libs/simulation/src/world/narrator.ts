import type { Effect } from '@guaita/cluster';
import type { Id } from '@guaita/model';
import type { Story } from '../story.ts';
import type { Host } from './host.ts';

/** Tells a story of what members do, in words. */
export class Narrator {
  readonly #story: Story;
  readonly #claims = new Map<Host, Map<Id, string>>();
  readonly #alive = new Map<Host, Map<Id, boolean>>();

  constructor(story: Story) {
    this.#story = story;
  }

  effect(host: Host, effect: Effect): void {
    if (effect.kind === 'say' && effect.message.kind === 'bucket' && effect.links === undefined) {
      this.#bucket(host, effect.message.bucket, effect.message.content.claims);
    }
    if (effect.kind === 'monitor' && effect.view !== undefined && effect.monitor !== host.id) {
      const alive = of(this.#alive, host);
      if ((alive.get(effect.monitor) ?? false) === effect.view.alive) return;
      alive.set(effect.monitor, effect.view.alive);
      this.#story.tell(`  ${host.id} takes ${effect.monitor} for ${effect.view.alive ? 'alive' : 'dead'}`);
    }
    if (effect.kind === 'device') {
      const { device, view } = effect;
      const about =
        view === undefined
          ? 'no longer knows it'
          : `sees it planned for ${list(view.planned)}, held by ${list(view.held)}, left by ${list(view.leaving)}`;
      this.#story.tell(`  ${host.id} on ${device}: ${about}`, device);
    }
  }

  ended(host: Host): void {
    this.#claims.delete(host);
    this.#alive.delete(host);
  }

  #bucket(host: Host, bucket: number, claims: Readonly<Record<Id, { state: string }>>): void {
    const known = of(this.#claims, host);
    for (const [device, { state }] of Object.entries(claims)) {
      if (known.get(device) === `${bucket} ${state}`) continue;
      known.set(device, `${bucket} ${state}`);
      this.#story.tell(`  ${host.id} ${state === 'held' ? 'holds' : 'leaves'} ${device}`, device);
    }
    for (const [device, state] of known) {
      if (!state.startsWith(`${bucket} `) || claims[device] !== undefined) continue;
      known.delete(device);
      this.#story.tell(`  ${host.id} has released ${device}`, device);
    }
  }
}

function of<V>(maps: Map<Host, Map<Id, V>>, host: Host): Map<Id, V> {
  const map = maps.get(host) ?? new Map<Id, V>();
  maps.set(host, map);
  return map;
}

const list = (ids: readonly Id[]): string => ids.join(', ') || 'nobody';
