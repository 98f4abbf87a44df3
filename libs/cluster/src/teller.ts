import type { Header, Id } from '@guaita/model';
import type { Acknowledgements } from './acknowledgements.ts';
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
  readonly #acknowledgements: Acknowledgements;
  readonly #toAnswer = new Map<Id, Set<number>>();
  readonly #answered_ms = new Map<string, number>();
  #header_ms = -Infinity;
  #told_ms = -Infinity;

  constructor(situation: Situation, identity: Identity, acknowledgements: Acknowledgements) {
    this.#situation = situation;
    this.#identity = identity;
    this.#acknowledgements = acknowledgements;
  }

  /** The header is to be told by then. */
  hurry(by_ms: number): void {
    this.#header_ms = Math.min(this.#header_ms, by_ms);
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
      seen: this.#acknowledgements.header,
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

  *#bucket(bucket: number, links?: readonly Id[]): IterableIterator<Effect> {
    const content = this.#situation.claims.bucket(bucket, this.#identity.incarnation);
    if (content === undefined) return;
    yield { kind: 'say', message: { kind: 'bucket', monitor: this.#situation.self, bucket, content }, links };
  }
}
