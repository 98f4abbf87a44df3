import type { Device, Id, Intent, Policy, Silence } from '@guaita/model';
import type { Effect, Now } from './effect.ts';
import type { LinkMessage, Patience } from './link.ts';
import { Member } from './member.ts';
import type { MemberOptions } from './member-options.ts';

const POLICY: Policy = { monitors_per_device: 1, snmp_per_device: 1, mode: 'spread' };
const MQTT: readonly Patience[] = [{ link: 'mqtt', silence_ms: 3_000 }];
const STEP_ms = 50;

/** A monitor of a story: what it watches, what it keeps on disk, what troubles it. */
export interface Actor {
  member: Member;
  alive: boolean;
  /** Each device that it watches, and whether by SNMP too. */
  readonly watching: Map<Id, boolean>;
  readonly disk: Map<number, readonly Intent[]>;
  readonly troubles: Map<string, string>;
  /** What counts at it. */
  readonly silences: Map<Id, Silence>;
  readonly acknowledged: Set<Id>;
  readonly said: LinkMessage[];
  incarnation: number;
}

/** Some members over one link that carries everything at once, and a clock: tests tell what happens, and look. */
export class Story {
  readonly #actors = new Map<Id, Actor>();
  #now_ms = 0;
  /** By how much wall clocks were set. */
  #set_ms = 0;
  /** Tells which messages are lost on their way. */
  loses: (message: LinkMessage, from: Id, to: Id) => boolean = () => false;

  /** Lets a monitor begin, or begin again with what its disk holds. */
  begin(self: Id, options: Partial<MemberOptions> = {}): Actor {
    const before = this.#actors.get(self);
    const disk = before?.disk ?? new Map<number, readonly Intent[]>();
    const incarnation = options.incarnation ?? (before?.incarnation ?? 0) + 1;
    const member = new Member({
      ...{ self, site: 'home', tags: [], capacity: 100, hostKey: keyOf(self), incarnation, policy: POLICY },
      ...{ patience: MQTT, intents: [...disk.values()].flat(), random: () => 0.5, ...options },
    });
    const actor: Actor = {
      ...{ member, alive: true, watching: new Map<Id, boolean>(), disk, troubles: new Map<string, string>() },
      ...{ said: [], incarnation, silences: new Map<Id, Silence>(), acknowledged: new Set<Id>() },
    };
    this.#actors.set(self, actor);
    member.start(this.now);
    for (const { link } of options.patience ?? MQTT) member.connected(link, true, this.now, 1);
    member.facts({ probing: true, probe_age_s: 0, isolated: false }, this.now);
    return actor;
  }

  /** A monitor is killed: no goodbye, no will. */
  kill(self: Id): void {
    this.#actor(self).alive = false;
  }

  /** Time goes by. */
  run(seconds: number): void {
    for (const end_ms = this.#now_ms + seconds * 1000; this.#now_ms < end_ms; this.#now_ms += STEP_ms) this.settle();
  }

  /** Lets all do what is due now. */
  settle(): void {
    for (let busy = true; busy;) {
      busy = false;
      for (const [self, actor] of this.#actors) {
        if (!actor.alive || actor.member.nextDeadline_ms > this.#now_ms) continue;
        busy = true;
        actor.member.advance(this.now);
        for (const effect of actor.member.effects()) this.#do(self, actor, effect);
      }
    }
  }

  /** The living that watch a device, by name. */
  watchers(device: Id): Id[] {
    const watching = [...this.#actors].filter(([, { alive, watching }]) => alive && watching.has(device));
    return watching.map(([self]) => self).sort();
  }

  /** Those of the first so many `devices` that are not watched by just so many, and who watches them. */
  watchedOtherwise(count: number, times: number): (readonly [Id, readonly Id[]])[] {
    const all = devices(count).map(({ device }) => [device, this.watchers(device)] as const);
    return all.filter(([, watchers]) => watchers.length !== times);
  }

  /** Those of the first so many `devices` that nobody watches. */
  unwatched(count: number): Id[] {
    return devices(count).flatMap(({ device }) => (this.watchers(device).length === 0 ? [device] : []));
  }

  /** How many devices each living monitor watches. */
  loads(): Record<Id, number> {
    const living = [...this.#actors].filter(([, { alive }]) => alive);
    return Object.fromEntries(living.map(([self, { watching }]) => [self, watching.size]));
  }

  /** The time of the story, as every host of it reads it. */
  get now(): Now {
    return { monotonic_ms: this.#now_ms, wall_ms: Date.UTC(2026, 0, 1) + this.#now_ms + this.#set_ms };
  }

  /** All wall clocks are set: by so much from now on. */
  setClocks(by_ms: number): void {
    this.#set_ms += by_ms;
  }

  #do(self: Id, actor: Actor, effect: Effect): void {
    switch (effect.kind) {
      case 'say':
        actor.said.push(effect.message);
        for (const [other, { alive, member }] of this.#actors)
          if (other !== self && alive && !this.loses(effect.message, self, other))
            member.heard('mqtt', effect.message, false, this.now);
        return;
      case 'watch':
        actor.watching.set(effect.device.device, effect.snmp);
        return;
      case 'unwatch':
        actor.watching.delete(effect.device);
        return;
      case 'store':
        actor.disk.set(effect.bucket, [...effect.intents]);
        return;
      case 'incarnation':
        actor.incarnation = effect.incarnation;
        return;
      case 'trouble':
        if (effect.problem === undefined) actor.troubles.delete(effect.about);
        else actor.troubles.set(effect.about, effect.problem);
        return;
      case 'silence':
        if (effect.silence === undefined) actor.silences.delete(effect.id);
        else actor.silences.set(effect.id, effect.silence);
        return;
      case 'acknowledgement':
        if (effect.acknowledgement === undefined) actor.acknowledged.delete(effect.alert);
        else actor.acknowledged.add(effect.alert);
        return;
      case 'monitor':
      case 'device':
        return;
    }
  }

  #actor(self: Id): Actor {
    const actor = this.#actors.get(self);
    if (actor === undefined) throw new RangeError(`nobody is called "${self}" in this story`);
    return actor;
  }
}

/** A host key that is made of the name. */
export function keyOf(name: string): string {
  return Array.from(name, (letter) => letter.charCodeAt(0).toString(16))
    .join('')
    .padEnd(32, '0')
    .slice(0, 32);
}

/** So many devices, named by number. */
export function devices(count: number, prefix = 'device'): Device[] {
  return Array.from({ length: count }, (_, n) => device(`${prefix}-${n}`));
}

/** A device that is called like its id. */
export function device(id: Id, changes: Partial<Device> = {}): Device {
  return { device: id, name: id, addresses: ['192.0.2.1'], parents: [], tags: [], checks: {}, ...changes };
}
