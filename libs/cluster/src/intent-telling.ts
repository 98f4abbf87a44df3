import { BUCKETS, type Digest, type Id } from '@guaita/model';
import { EMPTY_DIGEST } from './digest.ts';
import type { Effect } from './effect.ts';
import type { Intents } from './intents.ts';
import type { IntentsMessage } from './link.ts';

/** A bucket is said again on other links after this time, and up to as much again: mostly another has done so by then. */
const RELAY_ms = 1_000;
const RELAY_SPREAD_ms = 4_000;
/** An answer serves all who ask within this time. */
const ANSWER_ms = 400;

/** What a link holds of each bucket, by digest. */
interface Carried {
  /** The newest that another said, or what is known here once another has said that. */
  readonly others: (Digest | undefined)[];
  /** What stands there as said by us; `MIXED` when what a former self left there is not all of one time. */
  readonly ours: (Digest | undefined)[];
}
const MIXED = '';

/**
 * Says operators' intents on: what is entered here at once, what was heard or was on disk only where nobody else has said
 * it, a little later. What another has said in full meanwhile takes the place of what we said before: ours is taken away,
 * so that a link keeps each bucket a few times and not once for each monitor, and nothing old for ever.
 */
export class IntentTelling {
  readonly #self: Id;
  readonly #intents: Intents;
  readonly #random: () => number;
  readonly #toSay = new Set<number>();
  readonly #toAnswer = new Map<Id, Set<number>>();
  readonly #answered_ms = new Map<string, number>();
  readonly #carried = new Map<Id, Carried>();
  readonly #relay_ms = new Map<number, number>();

  constructor(self: Id, intents: Intents, random: () => number) {
    this.#self = self;
    this.#intents = intents;
    this.#random = random;
  }

  /** Something was entered here: a bucket is said over every link. */
  tell(bucket: number): void {
    this.#toSay.add(bucket);
  }

  /** A bucket is said where nobody has said it by then. */
  relay(bucket: number, now_ms: number): void {
    if (this.#relay_ms.has(bucket)) return;
    this.#relay_ms.set(bucket, now_ms + RELAY_ms + this.#random() * RELAY_SPREAD_ms);
  }

  /** Takes note of what a link carried, once it is joined. @param digest over all that its speaker knows in the bucket */
  heard(link: Id, { monitor, bucket }: IntentsMessage, digest: Digest, now_ms: number): void {
    const { others, ours } = this.#carriedBy(link);
    const known = this.#intents.shardDigest(bucket);
    if (monitor === this.#self) ours[bucket] = (ours[bucket] ?? digest) === digest ? digest : MIXED;
    else if (others[bucket] !== known) others[bucket] = digest;
    if (digest !== known || (ours[bucket] ?? known) !== known) this.relay(bucket, now_ms);
  }

  /** A peer asks for the buckets that differ from its own, over a link. */
  asked(link: Id, digests: readonly Digest[], now_ms: number): void {
    const buckets = this.#toAnswer.get(link) ?? new Set<number>();
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const digest = this.#intents.shardDigest(bucket);
      if (digest === digests[bucket] || digest === EMPTY_DIGEST) continue;
      const key = `${link}/${bucket}`;
      if (now_ms < (this.#answered_ms.get(key) ?? -Infinity) + ANSWER_ms) continue;
      this.#answered_ms.set(key, now_ms);
      buckets.add(bucket);
    }
    this.#toAnswer.set(link, buckets);
  }

  /** What there is to say now. */
  *effects(links: readonly Id[], now_ms: number): IterableIterator<Effect> {
    for (const bucket of this.#toSay) {
      this.#note(bucket, links, this.#intents.shardDigest(bucket));
      yield { kind: 'say', message: this.#message(bucket) };
    }
    for (const [link, buckets] of this.#toAnswer) {
      for (const bucket of buckets) {
        if (this.#toSay.has(bucket)) continue;
        this.#note(bucket, [link], this.#intents.shardDigest(bucket));
        yield { kind: 'say', message: this.#message(bucket), links: [link] };
      }
    }
    this.#toSay.clear();
    this.#toAnswer.clear();
    for (const [bucket, at_ms] of this.#relay_ms) {
      if (at_ms > now_ms) continue;
      this.#relay_ms.delete(bucket);
      yield* this.#relayed(bucket, links);
    }
  }

  get nextDeadline_ms(): number {
    let next_ms = Infinity;
    for (const at_ms of this.#relay_ms.values()) next_ms = Math.min(next_ms, at_ms);
    return next_ms;
  }

  *#relayed(bucket: number, links: readonly Id[]): IterableIterator<Effect> {
    const known = this.#intents.shardDigest(bucket);
    const lacking: Id[] = [];
    const superseded: Id[] = [];
    for (const link of links) {
      const { others, ours } = this.#carriedBy(link);
      if (ours[bucket] === known) continue;
      if (others[bucket] !== known) lacking.push(link);
      else if (ours[bucket] !== undefined) superseded.push(link);
    }
    this.#note(bucket, lacking, known);
    this.#note(bucket, superseded, undefined);
    if (lacking.length > 0) yield { kind: 'say', message: this.#message(bucket), links: lacking };
    if (superseded.length > 0) yield { kind: 'say', message: this.#nothing(bucket), links: superseded };
  }

  #note(bucket: number, links: readonly Id[], ours: Digest | undefined): void {
    for (const link of links) this.#carriedBy(link).ours[bucket] = ours;
  }

  #carriedBy(link: Id): Carried {
    let carried = this.#carried.get(link);
    if (carried === undefined) this.#carried.set(link, (carried = { others: [], ours: [] }));
    return carried;
  }

  #message(bucket: number): IntentsMessage {
    const intents = this.#intents.shard(bucket);
    return { kind: 'intents', monitor: this.#self, bucket, intents, digest: this.#intents.shardDigest(bucket) };
  }

  #nothing(bucket: number): IntentsMessage {
    return { kind: 'intents', monitor: this.#self, bucket, intents: [], digest: EMPTY_DIGEST };
  }
}
