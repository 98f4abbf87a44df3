import type { Effect } from '@guaita/cluster';
import type { Device, Id, Intent } from '@guaita/model';
import type { Fault } from '../scenario/fault.ts';
import type { Disk } from '../world/disk.ts';
import type { Host } from '../world/host.ts';
import { Narrator } from '../world/narrator.ts';
import type { Disturbances, World } from '../world/world.ts';
import { Beliefs } from './beliefs.ts';
import { compare, joined, keyOf, Ledger } from './ledger.ts';
import { loadOf, mostMoved, moved } from './moves.ts';
import { partsOf, type Part } from './parts.ts';
import { checkSettled, nameOf, type Assignment } from './settled.ts';
import { DATABASE_PATIENCE_ms, DRIFT, MQTT_PATIENCE_ms, quiet_ms, round_ms, takeover_ms } from './times.ts';
import { devicesOf, truthOf, type Truth } from './truth.ts';
import { Violation } from './violation.ts';
import { Watchers } from './watchers.ts';

/** What lasts and cannot be seen in an effect is looked at this often. */
export const LOOK_ms = 250;

/** Devices that nobody watches are looked for this often. */
const UNWATCHED_ms = { mqtt: 1000, both: 1000, database: 15_000 } as const;

/** A part that has settled is looked at again this often. */
const AGAIN_ms = { mqtt: 4000, both: 4000, database: 60_000 } as const;

/** Handing over in full clusters goes in rounds: a tenth of the capacity in each. */
const ROUNDS_WHEN_FULL = 14;

interface Snapshot {
  readonly assignment: Assignment;
  readonly truth: Truth;
  readonly alive: readonly Id[];
}

/** Holds a run to the guarantees. Throws a `Violation` at the first that is broken. */
export class Judge implements Disturbances {
  readonly #world: World;
  readonly #narrator: Narrator | undefined;
  readonly #ledger = new Ledger();
  readonly #beliefs = new Beliefs();
  readonly #watchers = new Watchers();
  readonly #disks = new Map<Host, { disk: Disk; buckets: Map<number, readonly Intent[]> }>();
  #faulted_ms = 0;
  #changed_ms = 0;
  #settledSeen_ms = -Infinity;
  #lookedForUnwatched_ms = -Infinity;
  /** Of which quiet time it was told that all has settled. */
  #told_ms = -1;
  #snapshot: Snapshot | undefined;
  #since: Fault['kind'][] = [];
  /** How often each guarantee was truly put to the test. */
  readonly tested = { settled: 0, moves: 0 };

  constructor(world: World) {
    this.#world = world;
    this.#narrator = world.story.full ? new Narrator(world.story) : undefined;
  }

  get watchers(): Watchers {
    return this.#watchers;
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  faulted(): void {
    this.#faulted_ms = this.#world.agenda.now_ms;
  }

  changed(): void {
    this.#changed_ms = this.#world.agenda.now_ms;
  }

  began({ kind }: Fault): void {
    this.#since.push(kind);
  }

  effect(host: Host, effect: Effect): void {
    this.#ledger.effect(host, effect);
    this.#beliefs.effect(host, effect, (monitor) => this.#world.host(monitor).alive);
    this.#narrator?.effect(host, effect);
    switch (effect.kind) {
      case 'watch':
        this.#watches(host, effect.device);
        break;
      case 'unwatch':
        this.#unwatches(host, effect.device);
        break;
      case 'store':
        this.#stores(host, effect.bucket);
        break;
      case 'say':
      case 'monitor':
      case 'device':
      case 'incarnation':
      case 'trouble':
        break;
    }
  }

  ended(host: Host): void {
    this.#watchers.crash(host, this.#world.agenda.now_ms);
    this.#ledger.ended(host);
    this.#beliefs.ended(host);
    this.#narrator?.ended(host);
  }

  entered(
    host: Host,
    change: { readonly kind: Intent['kind']; readonly subject: Id; readonly wanted: boolean; readonly feeder?: Id },
  ): void {
    if (host.stalled) return;
    const key = [change.kind, change.subject, change.feeder ?? ''].join(' ');
    const intent = joined([host]).get(key);
    if (intent?.wanted === change.wanted || (intent === undefined && !change.wanted)) return;
    throw new Violation(
      5,
      this.#world.agenda.now_ms,
      `${host.id} did not keep what was said there of "${key}"`,
      change.subject,
    );
  }

  /** What shows only as time goes by. */
  look(): void {
    const world = this.#world;
    const now_ms = world.agenda.now_ms;
    if (world.unrest) return;
    this.#lookForUnwatched(now_ms);
    const quietSince_ms = Math.max(this.#faulted_ms, this.#changed_ms);
    const least_ms = quiet_ms('mqtt', world.delay_ms);
    if (now_ms - quietSince_ms < least_ms || now_ms - this.#settledSeen_ms < AGAIN_ms[world.scenario.links]) return;
    const parts = partsOf(world);
    let told = false;
    for (const part of parts) {
      const truth = truthOf(world, part);
      const over = this.#believesTheDead(part) ? 'database' : part.over;
      const rounds_ms = truth.ample ? 0 : ROUNDS_WHEN_FULL * round_ms(over, world.delay_ms);
      if (now_ms - quietSince_ms < quiet_ms(over, world.delay_ms) + rounds_ms) continue;
      this.#settledSeen_ms = now_ms;
      const assignment = checkSettled(world, part, truth, this.#ledger);
      this.tested.settled++;
      if (this.#told_ms !== quietSince_ms) world.story.tell(`(all is settled among ${nameOf(part)})`);
      told = true;
      if (parts.length === 1) this.#checkMoves(part, truth, assignment);
    }
    if (told) this.#told_ms = quietSince_ms;
  }

  /** With both links a host may have grounds to believe, for the patience of the database, in one that is dead. */
  #believesTheDead({ hosts }: Part): boolean {
    if (this.#world.scenario.links !== 'both') return false;
    const dead = [...this.#world.hosts.values()].filter(({ alive }) => !alive);
    return dead.some(({ id }) => hosts.some((host) => this.#beliefs.mayBelieve(host, id)));
  }

  #watches(host: Host, { device }: Device): void {
    this.#watchers.watch(host, device);
    const { capacity } = host.spec;
    const most = capacity + Math.max(1, Math.floor(capacity / 10));
    if (host.watched.size <= most) return;
    // What comes may be told before what goes.
    this.#world.agenda.after(0, () => {
      if (!host.alive || host.watched.size <= most) return;
      const now_ms = this.#world.agenda.now_ms;
      throw new Violation(4, now_ms, `${host.id} watches ${host.watched.size} devices; capacity ${capacity}`, device);
    });
  }

  #unwatches(host: Host, device: Id): void {
    const world = this.#world;
    const now_ms = world.agenda.now_ms;
    if (!this.#watchers.unwatch(host, device, now_ms)) return;
    // What the host does is told before what it knows: looked at when it has told all.
    world.agenda.after(0, () => {
      if (this.#watchers.count(device) > 0) return;
      // Removed, as it knows, or as others know who have let go of it already.
      if (![[host], world.alive].every((hosts) => devicesOf(joined(hosts).values()).has(device))) {
        this.#watchers.drop(device);
        return;
      }
      const over = world.scenario.links === 'database' ? 'database' : 'mqtt';
      if (now_ms - this.#watchers.crashed_ms(device) <= takeover_ms(over, world.delay_ms)) return;
      throw new Violation(2, now_ms, `${host.id} releases ${device}, and nobody watches it`, device);
    });
  }

  #lookForUnwatched(now_ms: number): void {
    const world = this.#world;
    const unwatched = [...this.#watchers.unwatched];
    if (unwatched.length === 0 || now_ms - this.#lookedForUnwatched_ms < UNWATCHED_ms[world.scenario.links]) return;
    this.#lookedForUnwatched_ms = now_ms;
    // Who has just begun takes nothing until it could have heard the others: the others have to do without it.
    const patience_ms = world.scenario.links === 'database' ? DATABASE_PATIENCE_ms : MQTT_PATIENCE_ms;
    const begun_ms = now_ms - patience_ms * (1 + DRIFT);
    const idle = new Set(world.alive.filter(({ started_ms }) => started_ms > begun_ms));
    const parts = partsOf(world).map((part) => ({ part, truth: truthOf(world, part, idle) }));
    for (const { device, since_ms } of unwatched) {
      if (!parts.some(({ truth }) => truth.devices.has(device))) {
        this.#watchers.drop(device);
        continue;
      }
      const able = parts.filter(({ truth }) => truth.ample && (truth.planned.get(device)?.length ?? 0) > 0);
      if (able.length === 0) this.#watchers.excuse(device, now_ms);
      const since = Math.max(since_ms, this.#faulted_ms);
      if (!able.some(({ part }) => now_ms - since > takeover_ms(part.over, world.delay_ms))) continue;
      const seconds = ((now_ms - since) / 1000).toFixed(1);
      throw new Violation(2, now_ms, `nobody watches ${device}, ${seconds} s after the last fault`, device);
    }
  }

  /** A disk never goes back. */
  #stores(host: Host, bucket: number): void {
    const now_ms = this.#world.agenda.now_ms;
    const known = this.#disks.get(host);
    const disk = known?.disk === host.disk ? known : { disk: host.disk, buckets: new Map<number, readonly Intent[]>() };
    this.#disks.set(host, disk);
    const after = host.disk.intents.get(bucket) ?? [];
    const byKey = new Map(after.map((intent) => [keyOf(intent), intent]));
    for (const before of disk.buckets.get(bucket) ?? []) {
      const now = byKey.get(keyOf(before));
      if (now !== undefined && compare(now, before) >= 0) continue;
      // That its author was forgotten may stand in a bucket that is stored next.
      this.#world.agenda.after(0, () => {
        if (now === undefined && (isForgotten(host, before) || isOld(host, before))) return;
        throw new Violation(5, now_ms, `${host.id} loses what was intended of "${keyOf(before)}"`, before.subject);
      });
    }
    disk.buckets.set(bucket, after);
  }

  /** Guarantee 3, where one monitor came or went and nothing else happened. */
  #checkMoves(part: Part, truth: Truth, assignment: Assignment): void {
    const now_ms = this.#world.agenda.now_ms;
    const { policy } = this.#world.scenario;
    const before = this.#snapshot;
    const since = this.#since;
    const alive = part.hosts.map(({ id }) => id).sort();
    this.#snapshot = { assignment, truth, alive };
    this.#since = [];
    const [kind] = since;
    if (before === undefined || since.length !== 1 || (kind !== 'join' && kind !== 'leave')) return;
    if (policy.mode !== 'spread' || !before.truth.ample || !truth.ample) return;
    const equal = new Set([...this.#world.hosts.values()].map(({ spec }) => spec.capacity)).size === 1;
    const sites = (ids: readonly Id[]) => new Set(ids.map((id) => this.#world.host(id).spec.site)).size;
    const able = part.hosts.every(({ facts }) => facts.probing && !facts.isolated);
    const one = [...new Set([...before.alive, ...alive])].filter(
      (id) => before.alive.includes(id) !== alive.includes(id),
    );
    const [who] = one;
    if (!equal || !able || sites(before.alive) !== sites(alive) || one.length !== 1 || who === undefined) return;
    const claims = [...(kind === 'join' ? assignment : before.assignment).values()];
    const fairShare = claims.reduce((sum, { size }) => sum + size, 0) / Math.max(alive.length, before.alive.length);
    const most = mostMoved(fairShare, loadOf(kind === 'join' ? assignment : before.assignment, who));
    const count = moved(before.assignment, assignment);
    this.tested.moves++;
    if (count <= most) return;
    throw new Violation(
      3,
      now_ms,
      `a ${kind} of ${who} moved ${count} claims; its fair share is ${fairShare.toFixed(1)}`,
    );
  }
}

/** What a forgotten monitor had left may go from a disk. */
function isForgotten(host: Host, intent: Intent): boolean {
  const about = intent.kind === 'device' ? intent.feeder : intent.kind === 'drain' ? intent.subject : undefined;
  return about !== undefined && joined([host]).has(`forget ${about} `);
}

/** A month, after which tombstones go, and a disk that was away is not believed. */
const MONTH_ms = 30 * 24 * 3_600_000;

function isOld(host: Host, intent: Intent): boolean {
  if (host.wall_ms - intent.stamp.at_ms > MONTH_ms) return true;
  return [...joined([host]).values()].some(({ stamp }) => stamp.at_ms - intent.stamp.at_ms > MONTH_ms);
}
