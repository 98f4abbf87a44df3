import { assign, inMap, text, type BoundObject, type MapValue, type Update } from '@guaita/antidote';
import { compareStamps, digestOf, intentKey, type LinkListener } from '@guaita/cluster';
import { BUCKETS, Intent, type Digest, type Id } from '@guaita/model';
import type { BelievedStore } from './believed-store.ts';
import type { Complaints } from './complaints.ts';
import type { Layout } from './layout.ts';

/** Intents in one transaction, but for what is read of one bucket: some 600 KB. The server takes 0.3 ms for each. */
const BATCH_intents = 2_000;
const BATCH_BUCKETS = 16;

interface Said {
  readonly intents: Iterable<Intent>;
  readonly count: number;
  /** Empty for no intents. */
  readonly digest: string;
}

/**
 * What operators intend, in AntidoteDB. Everybody writes it, so what was said here is joined with what stands there, by
 * stamp, and only what is newer is written. An index holds the digest of each bucket, one text changes whenever any of
 * them does: only buckets that moved are read. Nothing is ever taken away: an old tombstone costs less than a device that
 * comes back.
 */
export class IntentShards {
  readonly #store: BelievedStore;
  readonly #layout: Layout;
  readonly #complaints: Complaints;
  /** Makes a text that nobody else makes. */
  readonly #unique: () => string;
  readonly #isOld: () => boolean;
  readonly #said = new Map<number, Said>();
  /** Buckets that were said and not yet compared with what stands there. */
  readonly #toCompare = new Set<number>();
  /** The digests of each bucket that need no look: it was joined, or stands as it was said. */
  readonly #known = new Map<number, string>();
  /** The digest of what was last told of each bucket: what our side drops or refuses is not told again and again. */
  readonly #told = new Map<number, Digest>();
  readonly #forgotten = new Map<Id, number>();
  #root: string | undefined;

  /** @param isOld what stands there may be as old as the last time that this monitor was there. */
  constructor(store: BelievedStore, complaints: Complaints, unique: () => string, isOld: () => boolean) {
    this.#store = store;
    this.#layout = store.layout;
    this.#complaints = complaints;
    this.#unique = unique;
    this.#isOld = isOld;
  }

  /** Takes all that this monitor knows in one bucket. Where it says nothing any more, what stands there stays. */
  say(bucket: number, intents: Iterable<Intent>): void {
    let count = 0;
    for (const intent of intents) {
      count += 1;
      if (intent.kind !== 'forget') continue;
      if (intent.wanted) this.#forgotten.set(intent.subject, intent.incarnation);
      else this.#forgotten.delete(intent.subject);
    }
    if (count === 0) return;
    this.#said.set(bucket, { intents, count, digest: digestOf(intents) });
    this.#toCompare.add(bucket);
  }

  /** Reads again each bucket of which the asker has another digest than stands there. */
  want(digests: readonly Digest[]): void {
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      if (this.#known.get(bucket) === digests[bucket]) continue;
      this.#known.delete(bucket);
      this.#told.delete(bucket);
    }
    this.#root = undefined;
  }

  /** Something waits to be compared and written. */
  get hasNews(): boolean {
    return this.#toCompare.size > 0;
  }

  /** Which monitors are to be forgotten, up to which incarnation, as far as was said here. */
  get forgotten(): ReadonlyMap<Id, number> {
    return this.#forgotten;
  }

  /**
   * Brings both sides to the same: tells what is newer there, writes what is newer here.
   *
   * @param root the text that a poll found.
   */
  async exchange(root: string, listener: LinkListener, signal: AbortSignal): Promise<void> {
    if (root === this.#root && this.#toCompare.size === 0) return;
    const [index] = await this.#store.read([this.#layout.intentIndex], signal);
    const differing: number[] = [];
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const there = this.#digests(index, bucket);
      if (there === (this.#said.get(bucket)?.digest ?? '')) {
        this.#known.set(bucket, there);
        this.#toCompare.delete(bucket);
      } else if (this.#toCompare.has(bucket) || this.#known.get(bucket) !== there) {
        differing.push(bucket);
      }
    }
    for (const batch of this.#batches(differing)) await this.#join(batch, index, listener, signal);
    this.#root = root;
  }

  /** Buckets that go into one transaction together. What stands there and is not known here is not counted. */
  *#batches(buckets: readonly number[]): IterableIterator<number[]> {
    let batch: number[] = [];
    let count = 0;
    for (const bucket of buckets) {
      const { count: more = 0 } = this.#said.get(bucket) ?? {};
      if (batch.length > 0 && (count + more > BATCH_intents || batch.length >= BATCH_BUCKETS)) {
        yield batch;
        [batch, count] = [[], 0];
      }
      batch.push(bucket);
      count += more;
    }
    if (batch.length > 0) yield batch;
  }

  async #join(buckets: readonly number[], index: MapValue, listener: LinkListener, signal: AbortSignal): Promise<void> {
    const maps = await this.#store.read(
      buckets.map((bucket) => this.#layout.intentBucket(bucket)),
      signal,
    );
    const updates: Update<BoundObject>[] = [];
    const indexed: Update<BoundObject>[] = [];
    let written = 0;
    const tell: (() => void)[] = [];
    const known = new Map<number, string>();
    buckets.forEach((bucket, at) => {
      const there = this.#decode(bucket, maps[at]);
      const here = new Map(Array.from(this.#said.get(bucket)?.intents ?? [], (intent) => [intentKey(intent), intent]));
      const missing = newerOf(here, there);
      const joined = new Map([...there, ...missing]);
      const digest = digestOf(joined.values());
      if (newerOf(there, here).size > 0 && this.#told.get(bucket) !== digest) {
        tell.push(() => this.#tell(bucket, [...joined.values()], digest, listener));
      }
      const fields = Array.from(missing, ([key, intent]) => assign(this.#layout.intent(key), JSON.stringify(intent)));
      for (let from = 0; from < fields.length; from += BATCH_intents)
        updates.push(inMap(this.#layout.intentBucket(bucket), ...fields.slice(from, from + BATCH_intents)));
      written += fields.length;
      // Two who wrote at once have left two digests, or one that does not count what the other wrote.
      const isIndexed = this.#digests(index, bucket) === digest;
      if (!isIndexed && joined.size > 0) {
        indexed.push(inMap(this.#layout.intentIndex, assign(this.#layout.intentDigest(bucket), digest)));
      }
      known.set(bucket, joined.size > 0 ? digest : '');
    });
    const said = new Map(buckets.map((bucket) => [bucket, this.#said.get(bucket)]));
    // Too much for one transaction goes bit by bit, what tells the others of it last.
    if (written > BATCH_intents) {
      for (const update of updates.splice(0)) await this.#store.write([update], signal);
    }
    if (written > 0 || indexed.length > 0) {
      await this.#store.write([...updates, ...indexed, assign(this.#layout.intents, this.#unique())], signal);
    }
    for (const bucket of buckets) {
      this.#known.set(bucket, known.get(bucket) ?? '');
      // Unless something else was said meanwhile.
      if (this.#said.get(bucket) === said.get(bucket)) this.#toCompare.delete(bucket);
    }
    for (const one of tell) one();
  }

  /** The newest intent under each key. */
  #decode(bucket: number, map: MapValue | undefined): Map<string, Intent> {
    const there = new Map<string, Intent>();
    for (const { field, value } of map?.entries ?? []) {
      if (field.type !== 'register_mv') continue;
      for (const bytes of value as readonly Uint8Array[]) {
        const register = `intent ${text(field.key)} in bucket ${bucket}`;
        const intent = this.#complaints.decode(register, text(bytes), (json) => Intent.parse(json));
        if (intent === undefined) continue;
        const before = there.get(intentKey(intent));
        if (before === undefined || compareStamps(intent.stamp, before.stamp) > 0) there.set(intentKey(intent), intent);
      }
    }
    return there;
  }

  /** The digests that the index has of a bucket, as one text; empty for none. */
  #digests(index: MapValue, bucket: number): string {
    return (index.get(this.#layout.intentDigest(bucket)) ?? []).map(text).sort().join(' ');
  }

  #tell(bucket: number, intents: readonly Intent[], digest: Digest, listener: LinkListener): void {
    this.#told.set(bucket, digest);
    const newest = intents.reduce((a, b) => (compareStamps(a.stamp, b.stamp) < 0 ? b : a));
    const { writer: monitor } = newest.stamp;
    listener.heard({ kind: 'intents', monitor, bucket, intents, digest }, this.#isOld());
  }
}

/** What of some intents is newer than, or missing in, others. */
function newerOf(intents: ReadonlyMap<string, Intent>, than: ReadonlyMap<string, Intent>): Map<string, Intent> {
  return new Map(
    [...intents].filter(([key, { stamp }]) => {
      const other = than.get(key);
      return other === undefined || compareStamps(stamp, other.stamp) > 0;
    }),
  );
}
