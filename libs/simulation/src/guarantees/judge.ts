import type { Effect } from '@guaita/cluster';
import type { Device } from '@guaita/model';
import type { Fault } from '../scenario/fault.ts';
import type { Entry, Host } from '../world/host.ts';
import { Narrator } from '../world/narrator.ts';
import type { Disturbances, World } from '../world/world.ts';
import { Beliefs } from './beliefs.ts';
import { Disks } from './disks.ts';
import { Ledger } from './ledger.ts';
import { Moves } from './moves.ts';
import { partsOf } from './parts.ts';
import { checkSettled, nameOf } from './settled.ts';
import { isBeginning, quiet_ms, round_ms } from './times.ts';
import { truthOf } from './truth.ts';
import { Unwatched } from './unwatched.ts';
import { Violation } from './violation.ts';
import type { Watchers } from './watchers.ts';

/** What lasts and cannot be seen in an effect is looked at this often. */
export const LOOK_ms = 250;

/** A part that has settled is looked at again this often. */
const AGAIN_ms = { mqtt: 4000, both: 4000, database: 60_000 } as const;

/** Handing over in full clusters goes in rounds: a tenth of the capacity in each. */
const ROUNDS_WHEN_FULL = 14;

/** Holds a run to the guarantees. Throws a `Violation` at the first that is broken. */
export class Judge implements Disturbances {
  readonly #world: World;
  readonly #narrator: Narrator | undefined;
  readonly #ledger = new Ledger();
  readonly #beliefs = new Beliefs();
  readonly #unwatched: Unwatched;
  readonly #disks: Disks;
  readonly #moves: Moves;
  #faulted_ms = 0;
  #changed_ms = 0;
  #settledSeen_ms = -Infinity;
  /** Of which quiet time it was told that all has settled. */
  #told_ms = -1;
  #settled = 0;

  constructor(world: World) {
    this.#world = world;
    this.#unwatched = new Unwatched(world, this.#beliefs);
    this.#disks = new Disks(world);
    this.#moves = new Moves(world);
    this.#narrator = world.story.full ? new Narrator(world.story) : undefined;
  }

  /** How often each guarantee was truly put to the test. */
  get tested(): { readonly settled: number; readonly moves: number } {
    return { settled: this.#settled, moves: this.#moves.counted };
  }

  get watchers(): Watchers {
    return this.#unwatched.watchers;
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
    this.#moves.began(kind);
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
        this.#unwatched.unwatches(host, effect.device);
        break;
      case 'store':
        this.#disks.stores(host, effect.bucket);
        break;
      case 'say':
      case 'monitor':
      case 'device':
      case 'silence':
      case 'acknowledgement':
      case 'incarnation':
      case 'trouble':
        break;
    }
  }

  ended(host: Host): void {
    this.#unwatched.ended(host);
    this.#ledger.ended(host);
    this.#beliefs.ended(host);
    this.#narrator?.ended(host);
  }

  entered(host: Host, change: Entry): void {
    this.#disks.entered(host, change);
  }

  /** What shows only as time goes by. */
  look(): void {
    const world = this.#world;
    const now_ms = world.agenda.now_ms;
    if (world.unrest) return;
    this.#unwatched.look(this.#faulted_ms);
    const quietSince_ms = Math.max(this.#faulted_ms, this.#changed_ms);
    const least_ms = quiet_ms('mqtt', world.delay_ms);
    if (now_ms - quietSince_ms < least_ms || now_ms - this.#settledSeen_ms < AGAIN_ms[world.scenario.links]) return;
    const parts = partsOf(world);
    let told = false;
    for (const part of parts) {
      if (part.hosts.some((host) => isBeginning(host, world.scenario.links, now_ms))) continue;
      const truth = truthOf(world, part);
      const over = this.#beliefs.slowest(part);
      const rounds_ms = truth.ample ? 0 : ROUNDS_WHEN_FULL * round_ms(over, world.delay_ms);
      if (now_ms - quietSince_ms < quiet_ms(over, world.delay_ms) + rounds_ms) continue;
      this.#settledSeen_ms = now_ms;
      const assignment = checkSettled(world, part, truth, this.#ledger);
      this.#settled++;
      if (this.#told_ms !== quietSince_ms) world.story.tell(`(all is settled among ${nameOf(part)})`);
      told = true;
      if (parts.length === 1) this.#moves.settled(part, truth, assignment);
    }
    if (told) this.#told_ms = quietSince_ms;
  }

  #watches(host: Host, { device }: Device): void {
    this.#unwatched.watches(host, device);
    const { capacity } = host.spec;
    const most = capacity + Math.max(1, Math.floor(capacity / 10));
    if (host.told.watched.size <= most) return;
    // What comes may be told before what goes.
    this.#world.agenda.after(0, () => {
      if (!host.alive || host.told.watched.size <= most) return;
      const what = `${host.id} watches ${host.told.watched.size} devices; capacity ${capacity}`;
      throw new Violation(4, this.#world.agenda.now_ms, what, device);
    });
  }
}
