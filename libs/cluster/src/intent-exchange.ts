import { BUCKETS, type Device, type Digest, type Id, type Intent } from '@guaita/model';
import type { Effect, Now } from './effect.ts';
import { EMPTY_DIGEST } from './digest.ts';
import { bucketOf } from './hash.ts';
import { compareStamps, HybridClock, isAhead } from './hlc.ts';
import { AWAY_LIMIT_ms, digestOf, type IntentChange, intentKey, Intents } from './intents.ts';
import { Inventory } from './inventory.ts';
import type { IntentsMessage } from './link.ts';

/** What an operator wants, before it has a stamp. */
export type Change = IntentChangeOf<Intent>;
type IntentChangeOf<I> = I extends Intent ? Omit<I, 'stamp'> : never;

/** A bucket is said again on other links after this time, and up to as much again: mostly another has done so by then. */
const RELAY_ms = 1_000;
const RELAY_SPREAD_ms = 4_000;
/** An answer serves all who ask within this time. */
const ANSWER_ms = 400;

/** Refused changes that are counted: whoever makes them up must not fill the memory. */
const REFUSED_LIMIT = 1_000;

/**
 * What is on disk with stamps that are ahead is said anew under right ones after this time. Before, it may be our clock
 * that is wrong: a host without a clock of its own begins in the past, and has the time from the network by then.
 */
const CLOCK_SET_ms = 600_000;

/** What operators intend, as known here: joins it, keeps it on disk, and says it on. */
export class IntentExchange {
  readonly intents = new Intents();
  readonly inventory = new Inventory();
  readonly #self: Id;
  readonly #random: () => number;
  readonly #clock: HybridClock;
  /** What the files of this monitor hold, by feeder. */
  readonly #fed = new Map<Id, ReadonlyMap<Id, Device>>();
  readonly #toStore = new Set<number>();
  readonly #toSay = new Set<number>();
  readonly #toAnswer = new Map<Id, Set<number>>();
  readonly #answered_ms = new Map<string, number>();
  /** What each link was last heard, or told, to hold of each bucket. */
  readonly #carried = new Map<Id, (Digest | undefined)[]>();
  readonly #relay_ms = new Map<number, number>();
  readonly #refused = new Map<string, Intent>();
  /** What stands here with stamps that are ahead: it was on disk, or takes the place of such. */
  readonly #ahead = new Map<string, Intent>();
  #loaded_ms = 0;
  /** Our own copy was dropped for its age: what a broker or a database kept beside it may be as old. */
  #wasAway = false;

  constructor(self: Id, random: () => number) {
    this.#self = self;
    this.#random = random;
    this.#clock = new HybridClock(self);
  }

  /**
   * Takes what is on disk.
   *
   * @param written_ms by the wall clock, when that was written; `undefined` when it is not known.
   */
  load(intents: readonly Intent[], written_ms: number | undefined, now: Now): IntentChange[] {
    if (written_ms !== undefined && now.wall_ms - written_ms > AWAY_LIMIT_ms) {
      this.#wasAway = true;
      for (const { subject } of intents) this.#toStore.add(bucketOf(subject));
      return [];
    }
    this.#loaded_ms = now.monotonic_ms;
    for (const intent of intents) if (isAhead(intent.stamp, now.wall_ms)) this.#ahead.set(intentKey(intent), intent);
    const changes = this.#join(intents, now);
    for (let bucket = 0; bucket < BUCKETS; bucket += 1)
      if (this.intents.shard(bucket).length > 0) this.#toSay.add(bucket);
    return changes;
  }

  /** Joins what was heard over a link. Who was away for too long hears only what is said now, not what was kept. */
  hear(link: Id, { bucket, intents: heard }: IntentsMessage, stored: boolean, now: Now): IntentChange[] {
    if (stored && this.#wasAway) return [];
    for (const intent of heard) {
      const key = intentKey(intent);
      if (!isAhead(intent.stamp, now.wall_ms)) this.#refused.delete(key);
      else if (this.#refused.size < REFUSED_LIMIT) this.#refused.set(key, intent);
    }
    const taken = heard.filter((intent) => !isAhead(intent.stamp, now.wall_ms));
    this.#carriedBy(link)[bucket] = digestOf(heard);
    const changes = this.#take(taken, now);
    if (digestOf(heard) !== this.intents.shardDigest(bucket)) this.#relayLater(bucket, now);
    return changes;
  }

  /** An operator's change. Gives what came of it. */
  intend(changes: readonly Change[], now: Now): IntentChange[] {
    const intents = changes.map((change) => this.#stamped(change, now));
    const joined = this.#join(intents, now);
    for (const { before, after } of joined) this.#toSay.add(bucketOf(((after ?? before) as Intent).subject));
    return joined;
  }

  /** Looks anew at all stamps that were ahead, since clocks are set right. */
  mend(now: Now): IntentChange[] {
    const come: Intent[] = [];
    for (const [key, intent] of this.#refused) {
      if (isAhead(intent.stamp, now.wall_ms)) continue;
      this.#refused.delete(key);
      come.push(intent);
    }
    return [...(come.length === 0 ? [] : this.#take(come, now)), ...this.#restamp(now)];
  }

  /** All that a file feeds: what it feeds no longer is withdrawn, what others feed is not. */
  feed(feeder: Id, devices: readonly Device[], now: Now): IntentChange[] {
    const fed = new Map(devices.map((device) => [device.device, device]));
    this.#fed.set(feeder, fed);
    const subjects = new Set(fed.keys());
    for (const intent of this.intents)
      if (intent.kind === 'device' && intent.feeder === feeder) subjects.add(intent.subject);
    return this.intend(
      [...subjects].flatMap((subject) => this.#difference(feeder, subject)),
      now,
    );
  }

  isDraining(monitor: Id): boolean {
    return this.intents.get(`drain/${monitor}`)?.wanted === true;
  }

  /** A peer asks for the buckets that differ from its own, over a link. */
  asked(link: Id, digests: readonly Digest[], now_ms: number): void {
    const buckets = this.#toAnswer.get(link) ?? new Set<number>();
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const digest = this.intents.shardDigest(bucket);
      if (digest === digests[bucket] || digest === EMPTY_DIGEST) continue;
      const key = `${link}/${bucket}`;
      if (now_ms < (this.#answered_ms.get(key) ?? -Infinity) + ANSWER_ms) continue;
      this.#answered_ms.set(key, now_ms);
      buckets.add(bucket);
    }
    this.#toAnswer.set(link, buckets);
  }

  /** What there is to store and to say now. */
  *effects(links: readonly Id[], now_ms: number): IterableIterator<Effect> {
    for (const bucket of this.#toStore) yield { kind: 'store', bucket, intents: this.intents.shard(bucket) };
    this.#toStore.clear();
    for (const bucket of this.#toSay) {
      for (const link of links) this.#carriedBy(link)[bucket] = this.intents.shardDigest(bucket);
      yield { kind: 'say', message: this.#message(bucket) };
    }
    for (const [link, buckets] of this.#toAnswer)
      for (const bucket of buckets)
        if (!this.#toSay.has(bucket)) yield { kind: 'say', message: this.#message(bucket), links: [link] };
    this.#toSay.clear();
    this.#toAnswer.clear();
    for (const [bucket, at_ms] of this.#relay_ms) {
      if (at_ms > now_ms) continue;
      this.#relay_ms.delete(bucket);
      const digest = this.intents.shardDigest(bucket);
      const lacking = links.filter((link) => this.#carriedBy(link)[bucket] !== digest);
      for (const link of lacking) this.#carriedBy(link)[bucket] = digest;
      if (lacking.length > 0) yield { kind: 'say', message: this.#message(bucket), links: lacking };
    }
  }

  get nextDeadline_ms(): number {
    let next_ms = Infinity;
    for (const at_ms of this.#relay_ms.values()) next_ms = Math.min(next_ms, at_ms);
    return next_ms;
  }

  /** What bears a stamp too far ahead, and how it is mended. */
  get problem(): string | undefined {
    const [refused] = this.#refused.values();
    const [kept] = this.#ahead.values();
    if (refused !== undefined)
      return `${this.#refused.size} changes are refused, they are ${aheadOfTime(refused)}: set right the clock of that host, or of this one`;
    if (kept === undefined) return undefined;
    return (
      `${this.#ahead.size} changes that are kept here are refused by others, they are ${aheadOfTime(kept)}: ` +
      'set right the clock of this host; what was entered at it is said anew after ten minutes'
    );
  }

  /** Joins what others said. */
  #take(heard: readonly Intent[], now: Now): IntentChange[] {
    const changes = this.#join(heard, now);
    for (const { before, after } of changes) this.#relayLater(bucketOf(((after ?? before) as Intent).subject), now);
    return [...changes, ...this.#correct(changes, now)];
  }

  /** Says anew, under right stamps, what was said here while our clock was ahead: others refuse it as it is. */
  #restamp(now: Now): IntentChange[] {
    if (this.#ahead.size === 0) return [];
    const ahead: Intent[] = [];
    for (const key of this.#ahead.keys()) {
      const intent = this.intents.get(key);
      if (intent !== undefined) this.#clock.saw(intent.stamp, now.wall_ms);
      if (intent === undefined || !isAhead(intent.stamp, now.wall_ms)) this.#ahead.delete(key);
      else {
        this.#ahead.set(key, intent);
        ahead.push(intent);
      }
    }
    // When what others said is ahead too it is our clock that is back, and what we hold is right as it is.
    const isOurs = ({ stamp }: Intent): boolean => stamp.writer === this.#self;
    if (now.monotonic_ms < this.#loaded_ms + CLOCK_SET_ms || !ahead.every(isOurs)) return [];
    if (![...this.#refused.values()].every(isOurs)) return [];
    ahead.sort((a, b) => compareStamps(a.stamp, b.stamp));
    const changes = this.intents.restamp(ahead.map((intent) => ({ ...intent, stamp: this.#clock.stamp(now.wall_ms) })));
    for (const intent of ahead) {
      this.#toStore.add(bucketOf(intent.subject));
      this.#toSay.add(bucketOf(intent.subject));
      this.#ahead.delete(intentKey(intent));
      this.#refused.delete(intentKey(intent));
    }
    return changes;
  }

  #stamped(change: Change, { wall_ms }: Now): Intent {
    const key = intentKey(change);
    const intent = { ...change, stamp: this.#clock.stamp(wall_ms, this.intents.get(key)?.stamp) };
    if (isAhead(intent.stamp, wall_ms)) this.#ahead.set(key, intent);
    return intent;
  }

  #join(intents: readonly Intent[], now: Now): IntentChange[] {
    for (const { stamp } of intents) this.#clock.saw(stamp, now.wall_ms);
    const changes = this.intents.merge(intents);
    for (const { before, after } of changes) this.#toStore.add(bucketOf(((after ?? before) as Intent).subject));
    return changes;
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
    const known = this.intents.get(`device/${subject}/${feeder}`);
    if (known?.kind !== 'device' || !known.wanted)
      return device === undefined ? [] : [{ kind: 'device', subject, feeder, wanted: true, device }];
    if (device === undefined) return [{ kind: 'device', subject, feeder, wanted: false }];
    if (canonical(device) === canonical(known.device)) return [];
    return [{ kind: 'device', subject, feeder, wanted: true, device }];
  }

  #relayLater(bucket: number, { monotonic_ms }: Now): void {
    if (this.#relay_ms.has(bucket)) return;
    this.#relay_ms.set(bucket, monotonic_ms + RELAY_ms + this.#random() * RELAY_SPREAD_ms);
  }

  #carriedBy(link: Id): (Digest | undefined)[] {
    const known = this.#carried.get(link);
    if (known !== undefined) return known;
    const carried: (Digest | undefined)[] = [];
    this.#carried.set(link, carried);
    return carried;
  }

  #message(bucket: number): Extract<Effect, { kind: 'say' }>['message'] {
    return { kind: 'intents', monitor: this.#self, bucket, intents: this.intents.shard(bucket) };
  }
}

function aheadOfTime(intent: Intent): string {
  const when = new Date(intent.stamp.at_ms).toISOString();
  return `stamped more than a day ahead of this host's clock; ${intentKey(intent)} was said at "${intent.stamp.writer}" at ${when}`;
}

/** The same text for the same entry, in whatever order its keys stand. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
