import type { DeviceSpec } from '@guaita/messages';
import type { Claim, Id, InMaintenance, PingObservation, Verdict, VerdictState, Vote } from '@guaita/model';
import type { Now } from '../now.ts';
import { mustLast_s } from './hold.ts';
import type { Observations } from './observations.ts';
import type { VerdictOptions } from './options.ts';
import { areAllGone, type Kin, type Kinship, parentsSeenWithin_s } from './parents.ts';
import { type Tally, tally } from './quorum.ts';
import { reasonFor } from './reason.ts';
import { Standing } from './standing.ts';
import { type Voter, votesOf } from './votes.ts';

/** A probe that finds a device silent, and the one that confirms it, take the ping service 4.5 s by default. */
const CONFIRMED_WITHIN_S = 5;

/** One device of the inventory: what its monitors see of it, and how it is judged by that. */
export class Watched implements Kin {
  readonly #options: VerdictOptions;
  readonly #standing: Standing;
  readonly #observations: Observations;
  spec: DeviceSpec;
  /** It is worked on now. */
  maintenance: InMaintenance | undefined;
  #votes: readonly Vote[] = [];
  #tally: Tally = 'unknown';

  constructor(spec: DeviceSpec, observations: Observations, options: VerdictOptions, now: Now) {
    this.spec = spec;
    this.#observations = observations;
    this.#options = options;
    this.#standing = new Standing(now);
  }

  get parents(): readonly Id[] {
    return this.spec.parents;
  }

  get gone(): boolean {
    return this.isCalledDown || this.state === 'down' || this.state === 'unreachable';
  }

  get seenWithin_s(): number {
    const interval_s = this.spec.checks.ping?.interval_s;
    return interval_s === undefined ? 0 : interval_s + CONFIRMED_WITHIN_S;
  }

  get observations(): ReadonlyMap<Id, PingObservation> {
    return this.#observations.of(this.spec.device);
  }

  /** Its voters call it down, whether or not its parents explain that. */
  get isCalledDown(): boolean {
    return this.#tally === 'down';
  }

  /** What is said of it. */
  get state(): VerdictState {
    return this.#standing.state;
  }

  /** It is to be said down as soon as it is known that its parents stand. */
  get isWaiting(): boolean {
    return this.#standing.coming === 'down' && this.state !== 'down';
  }

  get episode(): number {
    return this.#standing.episode;
  }

  /** This one knows nothing of it yet, or could not follow for a while: it goes on from what an earlier speaker said. */
  resume(verdict: Verdict, now: Now): void {
    this.#standing.resume(verdict, now, this.#options.flapping(this.spec.tags));
  }

  /**
   * Another speaker says this of it. Where that is the same outage, or the time after it, it may know better since when.
   *
   * @returns whether that is news.
   */
  hear(verdict: Verdict, now: Now): boolean {
    const { state, since, episode } = this.#standing;
    if (verdict.state !== state || verdict.episode !== episode) return false;
    if (verdict.since === since && (verdict.flapping !== true || this.#standing.isFlapping(now))) return false;
    this.#standing.agree(verdict, now, this.#options.flapping(this.spec.tags));
    return true;
  }

  /** Counts its votes. */
  count(monitors: ReadonlyMap<Id, Voter>): void {
    this.#votes = votesOf(this.spec.claims ?? [], monitors, this.observations);
    this.#tally = tally(this.#votes, this.#options.quorum(this.spec.tags));
  }

  /** Judges it by its votes, and by its parents when they matter: these have to have been counted before. */
  judge(kin: Kinship, now: Now): void {
    const { device, tags } = this.spec;
    const hold = this.#options.hold(tags);
    const called = this.isCalledDown && areAllGone(device, kin) ? 'unreachable' : this.#tally;
    const state = this.maintenance !== undefined && isAmiss(called) ? 'maintenance' : called;
    const last_s = mustLast_s(this.state, state, hold, {
      parents_s: state === 'down' ? parentsSeenWithin_s(device, this.#votes, kin) : 0,
      again_s: this.seenWithin_s,
    });
    this.#standing.judge(
      state,
      last_s,
      state === 'down' ? this.#downSince_ms() : undefined,
      now,
      this.#options.flapping(tags),
    );
    this.#standing.episode = this.#episode();
  }

  /** The verdict as it stands after `judge`. */
  verdict(find: (device: Id) => Watched | undefined, now: Now): Verdict {
    const { state, since, episode, coming } = this.#standing;
    const flapping = this.#standing.isFlapping(now);
    const parents = this.parents.flatMap((device) => {
      const parent = find(device);
      return parent === undefined ? [] : [{ device, state: parent.state }];
    });
    const { maintenance } = this;
    const reason = reasonFor({ state, coming, votes: this.#votes, parents, flapping, maintenance });
    return {
      ...{ state, since, reason, episode, ...(flapping ? { flapping } : {}) },
      ...(maintenance === undefined ? {} : { maintenance }),
      seen_by: [...this.#votes],
    };
  }

  /** When it has to be judged again though nothing changes, by the monotonic clock. */
  nextDeadline_ms(now: Now): number | undefined {
    return this.#standing.nextDeadline_ms(now);
  }

  /** The earliest moment from which on a voter has seen it down. */
  #downSince_ms(): number | undefined {
    const began_ms = this.#votes.flatMap(({ counts, sees, down_since }) =>
      counts && sees === 'down' && down_since !== undefined ? [Date.parse(down_since)] : [],
    );
    return began_ms.length === 0 ? undefined : Math.min(...began_ms);
  }

  /** Of the outage that its voters see, else the last that anybody knows of. */
  #episode(): number {
    const { claims = [] } = this.spec;
    const voters = new Set(this.#votes.filter(({ counts }) => counts).map(({ monitor }) => monitor));
    const open = claims.filter(({ monitor, sees }) => sees === 'down' && voters.has(monitor));
    if (open.length > 0 && this.state !== 'up' && this.state !== 'unknown') return highest(open);
    return Math.max(this.#standing.episode, highest(claims));
  }
}

function isAmiss(state: VerdictState): boolean {
  return state === 'down' || state === 'unreachable' || state === 'disputed';
}

function highest(claims: readonly Pick<Claim, 'episode'>[]): number {
  return claims.reduce((episode, claim) => Math.max(episode, claim.episode), 0);
}
