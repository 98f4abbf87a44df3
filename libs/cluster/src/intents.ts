import { BUCKETS, COMMAND, type Device, type Digest, type Id, type Intent, type Stamp } from '@guaita/model';
import { SetDigest } from './digest.ts';
import { bucketOf, hashText } from './hash.ts';
import { compareStamps, STAMP_AHEAD_ms } from './hlc.ts';
import { type Said, Subject, type Topic } from './subject.ts';

const DAY_ms = 24 * 3_600_000;

/** A monitor that was away for longer drops its own copy: what it has may have been deleted, and the tombstone too. */
export const AWAY_LIMIT_ms = 30 * DAY_ms;

/**
 * How long a tombstone stays, by the newest stamp known: as long as a monitor may have been away, and the day that this
 * stamp may be ahead of the time.
 */
export const TOMBSTONE_ms = AWAY_LIMIT_ms + STAMP_AHEAD_ms;

/** What an intent is about, as a text: of two with one key the newer counts. */
export function intentKey(topic: Topic): string {
  return topic.kind === 'device' ? `device/${topic.subject}/${topic.feeder}` : `${topic.kind}/${topic.subject}`;
}

/** What has become of what was said of one thing. */
export interface IntentChange {
  readonly before: Intent | undefined;
  readonly after: Intent | undefined;
}

/** The intents of one bucket as they stood at one moment. */
export class Shard implements Iterable<Intent> {
  readonly #subjects: readonly Subject[];

  constructor(subjects: readonly Subject[]) {
    this.#subjects = subjects;
  }

  get isEmpty(): boolean {
    return this.#subjects.length === 0;
  }

  *[Symbol.iterator](): IterableIterator<Intent> {
    for (const subject of this.#subjects) yield* subject;
  }
}

/**
 * All that operators intend, joined: of each thing the newest by stamp. Two copies that have heard the same hold the
 * same and have the same digest, whatever came in which order: also what is collected and what is forgotten depends on
 * nothing but what has been heard, never on a clock.
 */
export class Intents {
  readonly #subjects = new Map<Id, Subject>();
  readonly #shards = Array.from({ length: BUCKETS }, () => new Map<Id, Subject>());
  readonly #digests = Array.from({ length: BUCKETS }, () => new SetDigest());
  /** Over all of them, until something changes: each header tells it. */
  #digest: Digest | undefined;
  readonly #buried = new Set<Id>();
  readonly #forgotten = new Map<Id, Stamp>();
  /** What each feeder said last, for the devices that share it. */
  readonly #said = new Map<Id, Said>();
  #newest_ms = 0;
  #size = 0;
  /** No tombstone is older than this: spares looking at each of them after every change. */
  #oldestTombstone_ms = Infinity;

  /** Joins intents in. Gives what it changed. */
  merge(intents: Iterable<Intent>): IntentChange[] {
    const changes: IntentChange[] = [];
    for (const intent of intents) this.#take(intent, changes);
    // Once for all of them, since it looks at every intent there is.
    if (changes.some(({ after }) => after?.kind === 'forget')) this.#purge(changes);
    this.#collect(changes);
    return changes;
  }

  /**
   * Puts earlier stamps on intents whose stamps are ahead of the time. This is no join: it is right only while nobody
   * else has taken them.
   */
  restamp(intents: Iterable<Intent>): IntentChange[] {
    const changes: IntentChange[] = [];
    for (const after of intents) {
      const before = this.find(after);
      this.#set(before, after);
      changes.push({ before, after });
      if (after.kind === 'forget') this.#forgotten.set(after.subject, after.stamp);
    }
    this.#newest_ms = 0;
    for (const { stamp } of this) this.#newest_ms = Math.max(this.#newest_ms, stamp.at_ms);
    return changes;
  }

  /** How many there are, tombstones too. */
  get size(): number {
    return this.#size;
  }

  find(topic: Topic): Intent | undefined {
    return this.#subjects.get(topic.subject)?.find(topic);
  }

  /** The newest entry of a device among those that feed it. */
  entry(device: Id): Device | undefined {
    return this.#subjects.get(device)?.entry;
  }

  /** Each device that somebody wants, and its newest entry. */
  *entries(): IterableIterator<readonly [Id, Device]> {
    for (const { id, entry } of this.#subjects.values()) if (entry !== undefined) yield [id, entry];
  }

  /** Those that feed a device, by name. */
  feeders(device: Id): readonly Id[] {
    return this.#subjects.get(device)?.feeders ?? [];
  }

  /** The devices of which a feeder has said something. */
  *fedBy(feeder: Id): IterableIterator<Id> {
    for (const { id } of this.#subjects.values())
      if (this.find({ kind: 'device', subject: id, feeder }) !== undefined) yield id;
  }

  /** All intents of one bucket as they stand, tombstones too. */
  shard(bucket: number): Shard {
    return new Shard([...(this.#shards[bucket] as Map<Id, Subject>).values()]);
  }

  get digest(): Digest {
    return (this.#digest ??= SetDigest.union(this.#digests).text);
  }

  shardDigest(bucket: number): Digest {
    return (this.#digests[bucket] as SetDigest).text;
  }

  *[Symbol.iterator](): IterableIterator<Intent> {
    for (const subject of this.#subjects.values()) yield* subject;
  }

  #take(intent: Intent, changes: IntentChange[]): void {
    const before = this.find(intent);
    if (before !== undefined && !isNewer(intent, before)) return;
    if (this.#isForgotten(intent) || (before === undefined && this.#isOver(intent))) return;
    this.#set(before, intent);
    changes.push({ before, after: intent });
    if (intent.kind === 'forget') this.#forgotten.set(intent.subject, intent.stamp);
  }

  #set(before: Intent | undefined, after: Intent | undefined): void {
    const topic = (after ?? before) as Intent;
    const { subject: id } = topic;
    const was = this.#subjects.get(id) ?? Subject.of(id);
    const is = after === undefined ? was.without(topic) : was.with(after, this.#sharedBy(after));
    const bucket = bucketOf(id);
    this.#digest = undefined;
    this.#size += Number(after !== undefined) - Number(before !== undefined);
    for (const intent of [before, after])
      if (intent !== undefined) toggleIntent(this.#digests[bucket] as SetDigest, intent);
    for (const subjects of [this.#subjects, this.#shards[bucket] as Map<Id, Subject>]) {
      if (is.isEmpty) subjects.delete(id);
      else subjects.set(id, is);
    }
    if (after !== undefined) this.#newest_ms = Math.max(this.#newest_ms, after.stamp.at_ms);
    if (after !== undefined && isTombstone(after)) {
      this.#buried.add(id);
      this.#oldestTombstone_ms = Math.min(this.#oldestTombstone_ms, after.stamp.at_ms);
    }
  }

  #sharedBy(intent: Intent): Said | undefined {
    if (intent.kind !== 'device') return undefined;
    const { feeder, stamp, wanted } = intent;
    const last = this.#said.get(feeder);
    if (last !== undefined && last.wanted === wanted && compareStamps(last.stamp, stamp) === 0) return last;
    const said = { feeder, stamp, wanted };
    this.#said.set(feeder, said);
    return said;
  }

  /** What a forgotten monitor had left when it was forgotten. */
  #isForgotten(intent: Intent): boolean {
    const monitor = intent.kind === 'device' ? intent.feeder : intent.kind === 'drain' ? intent.subject : undefined;
    // Commands are no monitor's, whoever says that one is to be forgotten that is called like that.
    const stamp = monitor === undefined || monitor === COMMAND ? undefined : this.#forgotten.get(monitor);
    return stamp !== undefined && compareStamps(intent.stamp, stamp) < 0;
  }

  #purge(changes: IntentChange[]): void {
    for (const before of this) if (this.#isForgotten(before)) this.#remove(before, changes);
  }

  /** A tombstone that has done its work. What is forgotten stays so: else stored messages would bring it back. */
  #isOver(intent: Intent): boolean {
    return isTombstone(intent) && intent.stamp.at_ms < this.#newest_ms - TOMBSTONE_ms;
  }

  /** Tombstones count by the newest stamp of all, not by a clock: so two copies of the same state collect the same. */
  #collect(changes: IntentChange[]): void {
    if (this.#oldestTombstone_ms >= this.#newest_ms - TOMBSTONE_ms) return;
    this.#oldestTombstone_ms = Infinity;
    for (const id of this.#buried) {
      let isBuried = false;
      for (const intent of this.#subjects.get(id) ?? []) {
        if (!isTombstone(intent)) continue;
        if (this.#isOver(intent)) {
          this.#remove(intent, changes);
        } else {
          isBuried = true;
          this.#oldestTombstone_ms = Math.min(this.#oldestTombstone_ms, intent.stamp.at_ms);
        }
      }
      if (!isBuried) this.#buried.delete(id);
    }
  }

  #remove(before: Intent, changes: IntentChange[]): void {
    this.#set(before, undefined);
    changes.push({ before, after: undefined });
  }
}

/** The digest of some intents, as a copy that holds just these would have it. */
export function digestOf(intents: Iterable<Intent>): Digest {
  const digest = new SetDigest();
  for (const intent of intents) toggleIntent(digest, intent);
  return digest.text;
}

function toggleIntent(digest: SetDigest, intent: Intent): void {
  const { subject, stamp } = intent;
  // No id begins with a slash: a feeder is never taken for another kind.
  const key = hashText(intent.kind === 'device' ? intent.feeder : `/${intent.kind}`, hashText(subject, 2));
  digest.toggle(hashText(subject, 1), key, stamp.at_ms, stamp.counter, hashText(stamp.writer, 1));
}

function isTombstone({ kind, wanted }: Intent): boolean {
  return !wanted && kind !== 'forget';
}

/** Two intents of one stamp are one: but were they not, every copy must still choose alike. */
function isNewer(intent: Intent, than: Intent): boolean {
  const order = compareStamps(intent.stamp, than.stamp);
  return order > 0 || (order === 0 && JSON.stringify(intent) > JSON.stringify(than));
}
