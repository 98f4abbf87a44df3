import { isEligible } from '@guaita/assignment';
import { COMMAND, type Claim, type Device, type Header, type Id, type Placement } from '@guaita/model';
import { Abreast } from './abreast.ts';
import { Acknowledgements } from './acknowledgements.ts';
import type { KnownAlertIntents } from './alert-intents.ts';
import { Beginning } from './beginning.ts';
import { LEAP_MOST } from './believable.ts';
import { Company } from './company.ts';
import { Decider } from './decider.ts';
import type { DeviceView, Effect, MonitorView, Now } from './effect.ts';
import { outageEpisode } from './episode.ts';
import { Identity } from './identity.ts';
import { Intake } from './intake.ts';
import { type Change, IntentExchange } from './intent-exchange.ts';
import type { KnownDevices } from './inventory.ts';
import type { LinkMessage } from './link.ts';
import { Liveness } from './liveness.ts';
import type { MemberOptions, OwnProbing } from './member-options.ts';
import { Questions } from './questions.ts';
import { Reporter } from './reporter.ts';
import { Situation } from './situation.ts';
import { BEAT_ms, type OwnFacts, Teller } from './teller.ts';

/** An advance is due at least with each beat: one that comes so much later means that this host stood still. */
const STOOD_STILL_ms = 2 * BEAT_ms;

/**
 * What one monitor does in the cluster: a state machine. Messages, facts and the time come in, effects go out; it looks
 * at no clock and does nothing by itself. Call `advance` after what has come in (once after many is enough) and at
 * `nextDeadline_ms`; then take the `effects`.
 */
export class Member {
  readonly #options: MemberOptions;
  readonly #identity: Identity;
  readonly #situation: Situation;
  readonly #teller: Teller;
  readonly #questions: Questions;
  readonly #decider: Decider;
  readonly #reporter: Reporter;
  readonly #intake: Intake;
  readonly #company: Company;
  readonly #beginning: Beginning;
  readonly #abreast: Abreast;
  readonly #effects: Effect[] = [];
  /** Every link there may be, and those that can carry messages now. */
  readonly #links: Set<Id>;
  readonly #connected = new Set<Id>();
  #probing: OwnProbing = { probing: false, probe_age_s: null, isolated: false };
  #isolations = 0;
  #session = 0;
  #taking = false;
  #reportAt_ms = -Infinity;
  #advanced_ms = -Infinity;
  /** Something came in since the last advance. */
  #due = false;

  /** @throws {RangeError} when the id is "command", which as a feeder stands for commands. */
  constructor(options: MemberOptions) {
    const { self, hostKey, incarnation, random, capacity, policy, patience } = options;
    if (self === COMMAND) throw new RangeError('"command" cannot be the id of a monitor: give it another');
    const identity = new Identity(self, hostKey, incarnation, random);
    const situation = new Situation(self, new Liveness(patience), new IntentExchange(self, random));
    const acknowledgements = new Acknowledgements(situation.peers);
    const teller = new Teller(situation, identity, acknowledgements);
    const questions = new Questions(situation, random);
    const decider = new Decider(situation, capacity);
    this.#options = options;
    this.#links = new Set(patience.map(({ link }) => link));
    this.#identity = identity;
    this.#situation = situation;
    this.#teller = teller;
    this.#questions = questions;
    this.#decider = decider;
    this.#reporter = new Reporter(situation);
    this.#intake = new Intake({ identity, situation, teller, acknowledgements, questions, decider });
    this.#company = new Company(situation, policy);
    this.#beginning = new Beginning(patience, options.alone ?? false);
    this.#abreast = new Abreast(patience);
  }

  /** Begins, with what is on disk. */
  start(now: Now): void {
    const { intents, written_ms } = this.#options;
    this.#intake.follow(this.#situation.exchange.load(intents, written_ms, now));
    this.#beginning.begin(now.monotonic_ms);
    this.#advanced_ms = now.monotonic_ms;
    this.#due = true;
  }

  /** Takes in what a link carried. */
  heard(link: Id, message: LinkMessage, stored: boolean, now: Now): void {
    // What is said of a host's life says nothing of a monitor on it.
    const ofAnother = message.kind !== 'life' && message.monitor !== this.#options.self;
    this.#beginning.heard(link, stored, ofAnother, now.monotonic_ms);
    this.#intake.heard(link, message, stored, now);
    if (stored) this.#abreast.heardStored(link, now.monotonic_ms);
    this.#due = true;
  }

  /**
   * A link can carry messages now, or no longer.
   *
   * @param session the link's own number of the connection that begins: by the fastest one's others tell our sessions
   *   apart, over whatever link they hear of them.
   */
  connected(link: Id, connected: boolean, now: Now, session?: number): void {
    this.#due = true;
    this.#links.add(link);
    this.#beginning.connected(link, connected, now.monotonic_ms);
    this.#abreast.connected(link, connected, now.monotonic_ms);
    if (connected) {
      this.#connected.add(link);
      if (link === this.#options.patience[0]?.link) this.#session = session ?? this.#session;
      this.#teller.hurry(now.monotonic_ms);
    } else {
      this.#connected.delete(link);
      this.#situation.liveness.lost(link, now.monotonic_ms);
    }
  }

  /** Takes what the local ping service says. */
  facts(facts: OwnProbing, now: Now): void {
    const { probing, isolated } = this.#probing;
    this.#probing = facts;
    if (facts.probing === probing && facts.isolated === isolated) return;
    if (facts.isolated && !isolated) this.#isolations += 1;
    this.#due = true;
    this.#teller.hurry(now.monotonic_ms);
  }

  /** What this monitor sees of a device that it claims; `unprobed`: what it saw is too old to count. */
  sees(device: Id, sees: Claim['sees'], now: Now): void {
    const { claims, touched } = this.#situation;
    const claim = claims.get(device);
    if (claim === undefined || claim.sees === sees) return;
    this.#due = true;
    touched.add(device);
    if (sees !== 'down') {
      claims.set(device, { state: claim.state, sees, episode: claim.episode });
      return;
    }
    const episode = outageEpisode(this.#situation.seenClaims(device));
    claims.set(device, { state: claim.state, sees, down_since: new Date(now.wall_ms).toISOString(), episode });
  }

  /** All the devices that a file feeds now: what it fed before and feeds no longer is withdrawn. */
  feed(feeder: Id, devices: readonly Device[], now: Now): void {
    this.#intake.follow(this.#situation.exchange.feed(feeder, devices, now));
    this.#due = true;
  }

  /** An operator's change. */
  intend(change: Change, now: Now): void {
    this.#intake.follow(this.#situation.exchange.intend([change], now));
    this.#due = true;
  }

  /**
   * Does what is due.
   *
   * @param behind what has come in is not all heard yet: nobody's silence counts.
   */
  advance(now: Now, behind = false): void {
    const now_ms = now.monotonic_ms;
    const { touched, exchange, liveness } = this.#situation;
    this.#excuse(now_ms);
    this.#due = false;
    this.#intake.follow(exchange.mend(now));
    if (this.#identity.raise(now_ms)) this.#raised(now_ms);
    if (!behind) liveness.advance(now_ms);
    if (!this.#taking && this.#beginning.takes(now_ms)) {
      this.#taking = true;
      this.#teller.hurry(now_ms);
    }
    const changed = this.#company.follow();
    if (changed.length > 0) this.#decider.recheck();
    for (const monitor of changed) this.#questions.note(monitor, now_ms);
    const { policy } = this.#company;
    if (this.#beginning.decides(now_ms)) this.#situation.touch(this.#decider.follow(this.#header(now_ms), policy));
    this.#push(this.#decider.watch(touched, policy));
    this.#push(this.#teller.effects(this.#facts(now_ms), now_ms));
    this.#push(this.#questions.effects(now_ms));
    this.#push(exchange.effects([...this.#links], now));
    this.#reporter.touch(touched);
    touched.clear();
    this.#push(this.#reporter.devices(now_ms));
    if (changed.length > 0 || now_ms >= this.#reportAt_ms) this.#report(now_ms);
  }

  /** When `advance` has something to do, by the monotonic clock. */
  get nextDeadline_ms(): number {
    const now_ms = this.#advanced_ms;
    if (this.#due) return now_ms;
    return Math.min(
      this.#beginning.nextDeadline_ms(now_ms),
      this.#identity.nextDeadline_ms(now_ms),
      this.#situation.liveness.nextDeadline_ms,
      this.#teller.nextDeadline_ms,
      this.#questions.nextDeadline_ms,
      this.#situation.exchange.nextDeadline_ms,
      this.#reporter.nextDeadline_ms,
    );
  }

  /** Its first moments are over: what it claims is what it means to. */
  get decides(): boolean {
    return this.#beginning.decides(this.#advanced_ms);
  }

  /**
   * What it tells of the others is of now: since it was last away, each could be heard, and what was heard is told. Who
   * came back has to wait with what it tells others of them.
   */
  isAbreast(now: Now): boolean {
    const now_ms = now.monotonic_ms;
    const paused_ms = Number.isFinite(this.#advanced_ms) ? now_ms - this.#advanced_ms : 0;
    return this.#abreast.is(now_ms, paused_ms, () => {
      const live = [...this.#situation.live()].map(([monitor]) => this.#situation.peers.get(monitor));
      return live.every((record) => record?.complete) && this.#reporter.nextDeadline_ms === Infinity;
    });
  }

  /** What is to be done, in this order; each effect is given once. */
  effects(): Effect[] {
    return this.#effects.splice(0);
  }

  /** Our header as it stands. */
  header(now: Now): Header {
    return this.#header(now.monotonic_ms);
  }

  /** Up to which incarnation a monitor is to be forgotten: the newest that is known, but none that nobody follows. */
  incarnationOf(monitor: Id): number | undefined {
    if (monitor === this.#options.self) return this.#identity.incarnation;
    const { peers, liveness } = this.#situation;
    const known = [peers.get(monitor)?.header?.incarnation, liveness.endedIncarnation(monitor)];
    const incarnations = known.filter((each) => each !== undefined);
    return incarnations.length === 0 ? undefined : Math.min(Math.max(...incarnations), LEAP_MOST);
  }

  /** Anything was heard of a monitor: a header, claims, or only that it lives or has ended. */
  hasHeardOf(monitor: Id): boolean {
    const { self, peers, liveness } = this.#situation;
    return monitor === self || peers.get(monitor) !== undefined || liveness.hasHeardOf(monitor);
  }

  /** Whether any live monitor, this one too, may watch a device that is placed so. */
  mayBeWatched(placement: Placement): boolean {
    const { site, tags } = this.#options;
    const live = [...this.#situation.live()].map(([, header]) => header);
    return [{ site, tags }, ...live].some((monitor) => isEligible(monitor, placement));
  }

  /** The devices to watch. */
  get inventory(): KnownDevices {
    return this.#situation.exchange.inventory;
  }

  /** What operators want of alerts. */
  get alerts(): KnownAlertIntents {
    return this.#situation.exchange.alerts;
  }

  /** All monitors that are known, this one too. */
  monitors(): ReadonlyMap<Id, MonitorView> {
    return this.#reporter.knownMonitors;
  }

  /** All devices and who watches them, as was last told. */
  devices(): ReadonlyMap<Id, DeviceView> {
    return this.#reporter.knownDevices;
  }

  #excuse(now_ms: number): void {
    if (Number.isFinite(this.#advanced_ms)) this.#abreast.stoodStill(now_ms - this.#advanced_ms, now_ms);
    const pause_ms = now_ms - this.#advanced_ms - BEAT_ms;
    if (pause_ms > STOOD_STILL_ms - BEAT_ms && Number.isFinite(pause_ms))
      this.#situation.liveness.excuse(pause_ms, now_ms);
    this.#advanced_ms = now_ms;
  }

  /** All that was said under the former incarnation is void: it is said again. */
  #raised(now_ms: number): void {
    this.#situation.claims.changeAll();
    this.#teller.hurry(now_ms);
    this.#effects.push({ kind: 'incarnation', incarnation: this.#identity.incarnation });
  }

  #report(now_ms: number): void {
    this.#reportAt_ms = now_ms + BEAT_ms;
    this.#push(this.#reporter.monitors(this.#header(now_ms), this.#company.policy, [...this.#connected], now_ms));
    this.#push(this.#reporter.trouble('policy', this.#company.problem));
    this.#push(this.#reporter.trouble('identity', this.#identity.problem(now_ms)));
    const { peers, liveness } = this.#situation;
    this.#push(this.#reporter.trouble('monitors', peers.problem ?? this.#intake.problem(now_ms) ?? liveness.problem));
    this.#push(this.#reporter.trouble('intents', this.#situation.exchange.problem));
  }

  #facts(now_ms: number): OwnFacts {
    const { hostKey, site, tags, capacity, policy } = this.#options;
    return {
      ...this.#probing,
      isolations: this.#isolations,
      host_key: hostKey,
      session: this.#session,
      site,
      tags: [...tags],
      capacity: this.#taking && this.#identity.problem(now_ms) === undefined ? capacity : 0,
      policy,
    };
  }

  #header(now_ms: number): Header {
    return this.#teller.header(this.#facts(now_ms));
  }

  #push(effects: Iterable<Effect>): void {
    for (const effect of effects) this.#effects.push(effect);
  }
}
