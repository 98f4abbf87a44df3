import type { Header, Id, Seen } from '@guaita/model';
import type { Effect } from './effect.ts';
import type { Identity } from './identity.ts';
import type { Situation } from './situation.ts';

/** Half the time in which silence is noticed would do; a third lets one beat be lost (architecture: patience 3 s). */
export const BEAT_ms = 1_000;
/** Changes of claims within this time are told together: a burst of outages is one telling. */
const TELL_PAUSE_ms = 50;
/** An answer serves all who ask within this time. */
const ANSWER_ms = 400;

/** What of a header is not known here. */
export type OwnFacts = Omit<Header, 'incarnation' | 'beat' | 'claims' | 'seen' | 'intents'>;

/** Tells the others of ourselves: our claims when they change, our header with each beat and when it has news. */
export class Teller {
  readonly #situation: Situation;
  readonly #identity: Identity;
  /** How far each other monitor was ever complete here: what was seen stays seen. */
  readonly #seen = new Map<Id, Seen>();
  /** The least incarnation that a monitor must take which speaks under one that another run of it used. */
  readonly #contradicted = new Map<Id, number>();
  /** Both as headers tell them, made anew only when they have changed: among 60 monitors it is most of a header. */
  #seenTold: Header['seen'] | undefined;
  readonly #toAnswer = new Map<Id, Set<number>>();
  readonly #answered_ms = new Map<string, number>();
  #header_ms = -Infinity;
  #told_ms = -Infinity;

  constructor(situation: Situation, identity: Identity) {
    this.#situation = situation;
    this.#identity = identity;
  }

  /** The header is to be told by then. */
  hurry(by_ms: number): void {
    this.#header_ms = Math.min(this.#header_ms, by_ms);
  }

  /** Another run of a monitor used this incarnation: that we say we have seen a later one makes it take one above. */
  contradict(monitor: Id, incarnation: number): void {
    this.#contradicted.set(monitor, incarnation + 1);
    this.#seenTold = undefined;
  }

  /** Takes note of what is known of a peer. Gives true when more of its claims has now been seen. */
  note(monitor: Id): boolean {
    const record = this.#situation.peers.get(monitor);
    const header = record?.header;
    if (header === undefined) {
      this.#seen.delete(monitor);
      this.#contradicted.delete(monitor);
      this.#seenTold = undefined;
      return false;
    }
    const { incarnation } = header;
    if (incarnation >= (this.#contradicted.get(monitor) ?? Infinity)) {
      this.#contradicted.delete(monitor);
      this.#seenTold = undefined;
    }
    const before = this.#seen.get(monitor);
    const known = before?.incarnation === incarnation ? before.version : 0;
    // Only who leaves something waits for that; else each outage that one sees would be news of all.
    const news = record?.complete === true && (record.count.leaving > 0 || known === 0);
    const version = news ? Math.max(known, header.claims.version) : known;
    if (before?.incarnation === incarnation && before.version === version) return false;
    this.#seen.set(monitor, { incarnation, version });
    this.#seenTold = undefined;
    return true;
  }

  /** A peer asks, over a link, for each bucket of which it has another version. */
  asked(link: Id, versions: readonly number[], now_ms: number): void {
    const buckets = this.#toAnswer.get(link) ?? new Set<number>();
    for (const bucket of this.#situation.claims.differing(versions)) {
      const key = `${link}/${bucket}`;
      if (now_ms < (this.#answered_ms.get(key) ?? -Infinity) + ANSWER_ms) continue;
      this.#answered_ms.set(key, now_ms);
      buckets.add(bucket);
    }
    this.#toAnswer.set(link, buckets);
  }

  /** Our header as it stands. */
  header(facts: OwnFacts): Header {
    return {
      ...facts,
      incarnation: this.#identity.incarnation,
      beat: this.#identity.beat,
      claims: this.#situation.claims.summary,
      seen: (this.#seenTold ??= this.#allSeen()),
      intents: this.#situation.exchange.intents.digest,
    };
  }

  /** What there is to tell now: buckets before the header that counts them. */
  *effects(facts: OwnFacts, now_ms: number): IterableIterator<Effect> {
    const { claims, self } = this.#situation;
    // An answer shows a bucket as it is: what has changed in it must not change any more under the same version.
    const ripe = now_ms >= this.#told_ms + TELL_PAUSE_ms || this.#toAnswer.size > 0;
    const due = (claims.hasChanged && ripe) || now_ms >= this.#header_ms;
    if (due) {
      for (const bucket of claims.changed()) {
        for (const buckets of this.#toAnswer.values()) buckets.delete(bucket);
        yield* this.#bucket(bucket);
      }
    }
    for (const [link, buckets] of this.#toAnswer) for (const bucket of buckets) yield* this.#bucket(bucket, [link]);
    this.#toAnswer.clear();
    if (!due) return;
    this.#identity.nextBeat();
    this.#told_ms = now_ms;
    this.#header_ms = now_ms + BEAT_ms;
    yield { kind: 'say', message: { kind: 'header', monitor: self, header: this.header(facts) } };
  }

  get nextDeadline_ms(): number {
    const { hasChanged } = this.#situation.claims;
    return hasChanged ? Math.min(this.#header_ms, this.#told_ms + TELL_PAUSE_ms) : this.#header_ms;
  }

  #allSeen(): Header['seen'] {
    const seen: Record<Id, Seen> = Object.fromEntries(this.#seen);
    for (const [monitor, incarnation] of this.#contradicted) seen[monitor] = { incarnation, version: 0 };
    return seen;
  }

  *#bucket(bucket: number, links?: readonly Id[]): IterableIterator<Effect> {
    const content = this.#situation.claims.bucket(bucket, this.#identity.incarnation);
    if (content === undefined) return;
    yield { kind: 'say', message: { kind: 'bucket', monitor: this.#situation.self, bucket, content }, links };
  }
}
