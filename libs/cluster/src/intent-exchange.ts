import { BUCKETS, type Device, type Digest, type Id, type Intent, type Stamp } from '@guaita/model';
import { AlertIntents } from './alert-intents.ts';
import type { Effect, Now } from './effect.ts';
import { bucketOf } from './hash.ts';
import { compareStamps, HybridClock } from './hlc.ts';
import { AWAY_LIMIT_ms, digestOf, type IntentChange, Intents } from './intents.ts';
import { IntentRefusals, isTooEarly, isTooLong } from './intent-refusals.ts';
import { IntentTelling } from './intent-telling.ts';
import { Inventory } from './inventory.ts';
import type { IntentsMessage } from './link.ts';
import { isSameValue } from './same-value.ts';
import { StampsAhead } from './stamps-ahead.ts';

/** What an operator wants, before it has a stamp. */
export type Change = IntentChangeOf<Intent>;
type IntentChangeOf<I> = I extends Intent ? Omit<I, 'stamp'> : never;

/** What operators intend, as known here: joins it, keeps it on disk, and says it on. */
export class IntentExchange {
  readonly intents = new Intents();
  readonly inventory = new Inventory(this.intents);
  readonly alerts: AlertIntents;
  readonly #clock: HybridClock;
  readonly #telling: IntentTelling;
  readonly #ahead: StampsAhead;
  readonly #refusals = new IntentRefusals(this.intents);
  /** What the files of this monitor hold, by feeder. */
  readonly #fed = new Map<Id, ReadonlyMap<Id, Device>>();
  readonly #toStore = new Set<number>();
  /** Our own copy was dropped for its age: what a broker or a database kept beside it may be as old. */
  #wasAway = false;
  #looksAtAlerts = false;

  constructor(self: Id, random: () => number) {
    this.#clock = new HybridClock(self);
    this.#telling = new IntentTelling(self, this.intents, random);
    this.#ahead = new StampsAhead(self, this.intents);
    this.alerts = new AlertIntents(random);
  }

  /**
   * Takes what is on disk.
   *
   * @param written_ms by the wall clock, when that was written; `undefined` when it is not known.
   */
  load(intents: Iterable<Intent>, written_ms: number | undefined, now: Now): IntentChange[] {
    if (written_ms !== undefined && now.wall_ms - written_ms > AWAY_LIMIT_ms) {
      this.#wasAway = true;
      for (const { subject } of intents) this.#toStore.add(bucketOf(subject));
      return [];
    }
    this.#ahead.load(now);
    const changes = this.#join(intents, now);
    for (const { after } of changes) if (after !== undefined) this.#ahead.keep(after, now);
    // What was taken stands there as it is.
    this.#toStore.clear();
    for (const { before, after } of changes) if (before !== undefined || after === undefined) this.#note(before, after);
    for (let bucket = 0; bucket < BUCKETS; bucket += 1)
      if (!this.intents.shard(bucket).isEmpty) this.#telling.relay(bucket, now.monotonic_ms);
    return changes;
  }

  /** Joins what was heard over a link. Who was away for too long hears only what is said now, not what was kept. */
  hear(link: Id, message: IntentsMessage, stored: boolean, now: Now): IntentChange[] {
    if (stored && this.#wasAway) return [];
    const { bucket, digest = digestOf(message.intents) } = message;
    const changes: IntentChange[] = [];
    // Mostly it is what is known already, said by another.
    if (digest !== this.intents.shardDigest(bucket)) {
      const taken: Intent[] = [];
      for (const intent of message.intents)
        if (!this.#refusals.refuses(intent) && !this.#ahead.refuses(intent, now)) taken.push(intent);
      changes.push(...this.#take(taken, now));
    }
    this.#telling.heard(link, message, digest, now.monotonic_ms);
    return changes;
  }

  /** An operator's change. Gives what came of it. */
  intend(changes: readonly Change[], now: Now): IntentChange[] {
    const joined = this.#join(this.#stamped(changes, now), now);
    for (const { before, after } of joined) this.#telling.tell(bucketOf(((after ?? before) as Intent).subject));
    return joined;
  }

  /** Looks anew at all stamps that were ahead, since clocks are set right, and withdraws what is over. */
  mend(now: Now): IntentChange[] {
    const come = this.#ahead.come(now);
    const mended = [...(come.length === 0 ? [] : this.#take(come, now)), ...this.#restamp(now)];
    this.#looksAtAlerts = this.alerts.isDue(now);
    const over = this.#looksAtAlerts ? this.alerts.over(now) : [];
    return over.length === 0 ? mended : [...mended, ...this.intend(over, now)];
  }

  /** All that a file feeds: what it feeds no longer is withdrawn, what others feed is not. */
  feed(feeder: Id, devices: readonly Device[], now: Now): IntentChange[] {
    const fed = new Map(devices.map((device) => [device.device, device]));
    this.#fed.set(feeder, fed);
    const subjects = new Set([...fed.keys(), ...this.intents.fedBy(feeder)]);
    return this.intend(
      [...subjects].flatMap((subject) => this.#difference(feeder, subject)),
      now,
    );
  }

  isDraining(monitor: Id): boolean {
    return this.intents.find({ kind: 'drain', subject: monitor })?.wanted === true;
  }

  /** A peer asks for the buckets that differ from its own, over a link. */
  asked(link: Id, digests: readonly Digest[], now_ms: number): void {
    this.#telling.asked(link, digests, now_ms);
  }

  /** What there is to store and to say now. */
  *effects(links: readonly Id[], now: Now): IterableIterator<Effect> {
    if (this.#looksAtAlerts) yield* this.alerts.effects(now);
    for (const bucket of this.#toStore) yield { kind: 'store', bucket, intents: this.intents.shard(bucket) };
    this.#toStore.clear();
    yield* this.#telling.effects(links, now.monotonic_ms);
  }

  get nextDeadline_ms(): number {
    return this.#telling.nextDeadline_ms;
  }

  /** What is not taken, or bears a stamp too far ahead, and how it is mended. */
  get problem(): string | undefined {
    return this.#refusals.problem ?? this.#ahead.problem ?? this.alerts.problem;
  }

  /** Joins what others said. */
  #take(heard: readonly Intent[], now: Now): IntentChange[] {
    const changes = this.#join(heard, now);
    for (const { before, after } of changes)
      this.#telling.relay(bucketOf(((after ?? before) as Intent).subject), now.monotonic_ms);
    return [...changes, ...this.#correct(changes, now)];
  }

  /** Says anew, under right stamps, what was said here while our clock was ahead: others refuse it as it is. */
  #restamp(now: Now): IntentChange[] {
    const ahead = this.#ahead.toRestamp(now);
    if (ahead.length === 0) return [];
    const changes = this.intents.restamp(
      ahead.map((intent) => withinBounds({ ...intent, stamp: this.#clock.stamp(now.wall_ms) })),
    );
    for (const change of changes) this.alerts.follow(change);
    for (const intent of ahead) {
      this.#toStore.add(bucketOf(intent.subject));
      this.#telling.tell(bucketOf(intent.subject));
      this.#ahead.restamped(intent);
    }
    return changes;
  }

  /** One stamp serves for all that is said at once, so that it can be said once; but not of the same thing twice. */
  #stamped(changes: readonly Change[], now: Now): Intent[] {
    const { wall_ms } = now;
    const subjects = new Set<Id>();
    let shared: Stamp | undefined;
    return changes.map((change) => {
      if (subjects.has(change.subject)) shared = undefined;
      subjects.add(change.subject);
      shared ??= this.#clock.stamp(wall_ms);
      const above = this.intents.find(change)?.stamp;
      const wins = above === undefined || compareStamps(shared, above) > 0;
      const intent = { ...change, stamp: wins ? shared : this.#clock.stamp(wall_ms, above) };
      this.#ahead.keep(intent, now);
      return intent;
    });
  }

  #join(intents: Iterable<Intent>, now: Now): IntentChange[] {
    const changes = this.intents.merge(this.#seen(intents, now));
    for (const change of changes) {
      this.#note(change.before, change.after);
      this.alerts.follow(change);
    }
    return changes;
  }

  *#seen(intents: Iterable<Intent>, { wall_ms }: Now): IterableIterator<Intent> {
    for (const intent of intents) {
      this.#clock.saw(intent.stamp, wall_ms);
      yield intent;
    }
  }

  /** What has changed is to be kept on disk. */
  #note(before: Intent | undefined, after: Intent | undefined): void {
    this.#toStore.add(bucketOf(((after ?? before) as Intent).subject));
  }

  /** What is heard of a file of ours from before we read it anew is set right. */
  #correct(changes: readonly IntentChange[], now: Now): IntentChange[] {
    const wrong = changes.flatMap(({ before, after }) => {
      const intent = after ?? before;
      return intent?.kind === 'device' && this.#fed.has(intent.feeder)
        ? this.#difference(intent.feeder, intent.subject)
        : [];
    });
    return wrong.length === 0 ? [] : this.intend(wrong, now);
  }

  #difference(feeder: Id, subject: Id): Change[] {
    const device = this.#fed.get(feeder)?.get(subject);
    const known = this.intents.find({ kind: 'device', subject, feeder });
    if (known?.kind !== 'device' || !known.wanted)
      return device === undefined ? [] : [{ kind: 'device', subject, feeder, wanted: true, device }];
    if (device === undefined) return [{ kind: 'device', subject, feeder, wanted: false }];
    if (isSameValue(device, known.device)) return [];
    return [{ kind: 'device', subject, feeder, wanted: true, device }];
  }
}

/**
 * A silence that was to end by a clock that was ahead would last too long by the right time: it is over. What was
 * acknowledged by such a clock is so now.
 */
function withinBounds(intent: Intent): Intent {
  if (intent.kind === 'silence' && isTooLong(intent)) {
    const { kind, subject, stamp } = intent;
    return { kind, subject, stamp, wanted: false };
  }
  if (intent.kind === 'acknowledgement' && intent.acknowledgement !== undefined && isTooEarly(intent)) {
    const at = new Date(intent.stamp.at_ms).toISOString();
    return { ...intent, acknowledgement: { ...intent.acknowledgement, at } };
  }
  return intent;
}
