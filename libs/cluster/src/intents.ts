import { BUCKETS, type Digest, type Id, type Intent, type Stamp } from '@guaita/model';
import { SetDigest } from './digest.ts';
import { bucketOf, hashText } from './hash.ts';
import { compareStamps, STAMP_AHEAD_ms } from './hlc.ts';

const DAY_ms = 24 * 3_600_000;

/** A monitor that was away for longer drops its own copy: what it has may have been deleted, and the tombstone too. */
export const AWAY_LIMIT_ms = 30 * DAY_ms;

/**
 * How long a tombstone stays, by the newest stamp known: as long as a monitor may have been away, and the day that this
 * stamp may be ahead of the time.
 */
export const TOMBSTONE_ms = AWAY_LIMIT_ms + STAMP_AHEAD_ms;

/** What an intent is about: of two with one key the newer counts. */
export function intentKey(intent: Pick<Intent, 'kind' | 'subject'> & { readonly feeder?: Id }): string {
  return intent.kind === 'device' ? `device/${intent.subject}/${intent.feeder}` : `${intent.kind}/${intent.subject}`;
}

/** What has become of one key. */
export interface IntentChange {
  readonly before: Intent | undefined;
  readonly after: Intent | undefined;
}

/**
 * All that operators intend, joined: for each key the newest by stamp. Two copies that have heard the same hold the
 * same and have the same digest, whatever came in which order: also what is collected and what is forgotten depends on
 * nothing but what has been heard, never on a clock.
 */
export class Intents {
  readonly #byKey = new Map<string, Intent>();
  readonly #shards = Array.from({ length: BUCKETS }, () => new Map<string, Intent>());
  readonly #digests = Array.from({ length: BUCKETS }, () => new SetDigest());
  readonly #digest = new SetDigest();
  readonly #tombstones = new Map<string, Intent>();
  readonly #forgotten = new Map<Id, Stamp>();
  #newest_ms = 0;
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
      const before = this.#byKey.get(intentKey(after));
      this.#set(intentKey(after), before, after);
      changes.push({ before, after });
      if (after.kind === 'forget') this.#forgotten.set(after.subject, after.stamp);
    }
    this.#newest_ms = 0;
    for (const { stamp } of this.#byKey.values()) this.#newest_ms = Math.max(this.#newest_ms, stamp.at_ms);
    return changes;
  }

  get(key: string): Intent | undefined {
    return this.#byKey.get(key);
  }

  /** All intents of one bucket, tombstones too. */
  shard(bucket: number): readonly Intent[] {
    return [...(this.#shards[bucket]?.values() ?? [])];
  }

  get digest(): Digest {
    return this.#digest.text;
  }

  shardDigest(bucket: number): Digest {
    return (this.#digests[bucket] as SetDigest).text;
  }

  [Symbol.iterator](): IterableIterator<Intent> {
    return this.#byKey.values();
  }

  #take(intent: Intent, changes: IntentChange[]): void {
    const key = intentKey(intent);
    const before = this.#byKey.get(key);
    if (before !== undefined && !isNewer(intent, before)) return;
    if (this.#isForgotten(intent) || (before === undefined && this.#isOver(intent))) return;
    this.#set(key, before, intent);
    changes.push({ before, after: intent });
    if (intent.kind === 'forget') this.#forgotten.set(intent.subject, intent.stamp);
  }

  #set(key: string, before: Intent | undefined, after: Intent | undefined): void {
    const bucket = bucketOf(((after ?? before) as Intent).subject);
    const shard = this.#shards[bucket] as Map<string, Intent>;
    const digest = this.#digests[bucket] as SetDigest;
    for (const intent of [before, after]) {
      if (intent === undefined) continue;
      toggleIntent(this.#digest, key, intent);
      toggleIntent(digest, key, intent);
    }
    if (after === undefined) {
      this.#byKey.delete(key);
      shard.delete(key);
    } else {
      this.#byKey.set(key, after);
      shard.set(key, after);
      this.#newest_ms = Math.max(this.#newest_ms, after.stamp.at_ms);
    }
    if (after?.wanted === false && after.kind !== 'forget') {
      this.#tombstones.set(key, after);
      this.#oldestTombstone_ms = Math.min(this.#oldestTombstone_ms, after.stamp.at_ms);
    } else {
      this.#tombstones.delete(key);
    }
  }

  /** What a forgotten monitor had left when it was forgotten. */
  #isForgotten(intent: Intent): boolean {
    const monitor = intent.kind === 'device' ? intent.feeder : intent.kind === 'drain' ? intent.subject : undefined;
    const stamp = monitor === undefined ? undefined : this.#forgotten.get(monitor);
    return stamp !== undefined && compareStamps(intent.stamp, stamp) < 0;
  }

  #purge(changes: IntentChange[]): void {
    for (const [key, before] of this.#byKey) {
      if (!this.#isForgotten(before)) continue;
      this.#set(key, before, undefined);
      changes.push({ before, after: undefined });
    }
  }

  /** A tombstone that has done its work. What is forgotten stays so: else stored messages would bring it back. */
  #isOver({ kind, wanted, stamp }: Intent): boolean {
    return !wanted && kind !== 'forget' && stamp.at_ms < this.#newest_ms - TOMBSTONE_ms;
  }

  /** Tombstones count by the newest stamp of all, not by a clock: so two copies of the same state collect the same. */
  #collect(changes: IntentChange[]): void {
    if (this.#oldestTombstone_ms >= this.#newest_ms - TOMBSTONE_ms) return;
    this.#oldestTombstone_ms = Infinity;
    for (const [key, before] of this.#tombstones) {
      if (this.#isOver(before)) {
        this.#set(key, before, undefined);
        changes.push({ before, after: undefined });
      } else {
        this.#oldestTombstone_ms = Math.min(this.#oldestTombstone_ms, before.stamp.at_ms);
      }
    }
  }
}

/** The digest of some intents, as a copy that holds just these would have it. */
export function digestOf(intents: Iterable<Intent>): Digest {
  const digest = new SetDigest();
  for (const intent of intents) toggleIntent(digest, intentKey(intent), intent);
  return digest.text;
}

function toggleIntent(digest: SetDigest, key: string, { stamp }: Intent): void {
  digest.toggle(hashText(key, 1), hashText(key, 2), stamp.at_ms, stamp.counter, hashText(stamp.writer, 1));
}

/** Two intents of one stamp are one: but were they not, every copy must still choose alike. */
function isNewer(intent: Intent, than: Intent): boolean {
  const order = compareStamps(intent.stamp, than.stamp);
  return order > 0 || (order === 0 && JSON.stringify(intent) > JSON.stringify(than));
}
