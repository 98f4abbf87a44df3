import { BUCKETS, type Id } from '@guaita/model';
import { Asks } from './asks.ts';
import type { Effect } from './effect.ts';
import type { Situation } from './situation.ts';

/** Another digest than a peer's for this long is no message that is still under way. */
const DIFFERS_ms = 1_000;
/** Between two questions about intents; each time another peer is asked. */
const INTENTS_PAUSE_ms = 1_000;

/** Asks others for what is missing here: the rest of their claims, and what they know operators to intend. */
export class Questions {
  readonly #situation: Situation;
  readonly #random: () => number;
  readonly #claims = new Asks<Id>();
  #differsSince_ms: number | undefined;
  #askedIntents_ms = -Infinity;

  constructor(situation: Situation, random: () => number) {
    this.#situation = situation;
    this.#random = random;
  }

  /** Takes note of what is known of a peer: only the living can answer. */
  note(monitor: Id, now_ms: number): void {
    const { peers, liveness } = this.#situation;
    const record = peers.get(monitor);
    const missing = record?.header !== undefined && !record.complete && liveness.isAlive(monitor);
    this.#claims.need(monitor, missing, now_ms);
  }

  *effects(now_ms: number): IterableIterator<Effect> {
    for (const monitor of this.#claims.due(now_ms)) yield this.#question(monitor, false);
    const peer = this.#intentsPeer(now_ms);
    if (peer !== undefined) yield this.#question(peer, true);
  }

  get nextDeadline_ms(): number {
    return this.#claims.nextDeadline_ms;
  }

  /** Whom to ask for intents: someone, by chance, of those who know others than we do. */
  #intentsPeer(now_ms: number): Id | undefined {
    const { digest } = this.#situation.exchange.intents;
    const differing = [...this.#situation.live()].filter(([, { intents }]) => intents !== digest);
    if (differing.length === 0) {
      this.#differsSince_ms = undefined;
      return undefined;
    }
    this.#differsSince_ms ??= now_ms;
    const wait_ms = Math.max(this.#differsSince_ms + DIFFERS_ms, this.#askedIntents_ms + INTENTS_PAUSE_ms);
    if (now_ms < wait_ms) return undefined;
    this.#askedIntents_ms = now_ms;
    return differing[Math.floor(this.#random() * differing.length)]?.[0];
  }

  #question(peer: Id, withIntents: boolean): Effect {
    const { self, peers, exchange } = this.#situation;
    const record = peers.get(peer);
    return {
      kind: 'say',
      message: {
        kind: 'wants',
        monitor: self,
        peer,
        incarnation: record?.header?.incarnation ?? 1,
        versions: record?.versions() ?? [],
        ...(withIntents
          ? { intents: Array.from({ length: BUCKETS }, (_, bucket) => exchange.intents.shardDigest(bucket)) }
          : {}),
      },
    };
  }
}
