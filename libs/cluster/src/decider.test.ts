import type { Claim, ClaimBucket, Header } from '@guaita/model';
import { beforeEach, describe, expect, test } from 'vitest';
import { Decider } from './decider.ts';
import { bucketOf } from './hash.ts';
import { IntentExchange } from './intent-exchange.ts';
import { Liveness } from './liveness.ts';
import { OwnClaims } from './own-claims.ts';
import { Situation } from './situation.ts';
import { device } from './story.ts';

const NOW = { monotonic_ms: 0, wall_ms: 0 };
const POLICY = { monitors_per_device: 1, snmp_per_device: 1, mode: 'spread' } as const;

function header(beat: number, changes: Partial<Header> = {}): Header {
  return {
    ...{ host_key: 'a'.repeat(32), incarnation: 1, session: 1, beat, site: 'home', tags: [], capacity: 10 },
    ...{ policy: POLICY, probe_age_s: 0, probing: true, isolated: false, seen: {}, intents: '0'.repeat(16) },
    ...{ claims: new OwnClaims().summary, ...changes },
  };
}

/** Another monitor: what it claims, and what it says of it. */
class Peer {
  readonly #claims = new OwnClaims();
  readonly #situation: Situation;
  #beat = 0;

  constructor(situation: Situation) {
    this.#situation = situation;
  }

  claims(state: Claim['state'] | undefined): ClaimBucket {
    if (state === undefined) this.#claims.release('router');
    else this.#claims.set('router', { state, sees: 'unprobed', episode: 0 });
    this.#claims.changed();
    return this.#claims.bucket(bucketOf('router'), 1) as ClaimBucket;
  }

  says(content: ClaimBucket): void {
    this.#situation.peers.hearBucket('two', bucketOf('router'), content);
  }

  beats(seen: number, incarnation = 1): void {
    this.#beat += 1;
    const said = header(this.#beat, { claims: this.#claims.summary, seen: { one: { incarnation, version: seen } } });
    this.#situation.peers.hearHeader('two', said);
    this.#situation.liveness.vouch('two', 'mqtt', said, 0);
  }
}

describe('a device that is planned elsewhere', () => {
  let situation: Situation;
  let decider: Decider;
  let two: Peer;
  /** We are drained by then: the other is to take over. */
  const own = header(1, { capacity: 0 });

  beforeEach(() => {
    const liveness = new Liveness([{ link: 'mqtt', silence_ms: 3_000 }]);
    situation = new Situation('one', liveness, new IntentExchange('one', () => 0));
    decider = new Decider(situation, 10);
    const changes = situation.exchange.feed('one', [device('router')], NOW);
    for (const change of changes) situation.exchange.inventory.follow(change);
    decider.edited('router');
    decider.follow(header(1), POLICY);
    expect(situation.claims.changed()).toHaveLength(1);
    two = new Peer(situation);
    two.beats(0);
    decider.follow(own, POLICY);
    expect(situation.claims.states.get('router')).toEqual({ state: 'leaving', version: 2 });
  });

  function stateAfter(): string {
    decider.recheck();
    decider.follow(own, POLICY);
    return situation.claims.states.get('router')?.state ?? 'released';
  }

  test('is released when the other holds it and has seen that we leave', () => {
    two.says(two.claims('held'));
    two.beats(2);
    expect(stateAfter()).toBe('released');
  });

  test('is kept while the other does not hold it', () => {
    two.beats(2);
    expect(stateAfter()).toBe('leaving');
  });

  test('is kept while the other has not seen that we leave', () => {
    two.says(two.claims('held'));
    two.beats(1);
    expect(stateAfter()).toBe('leaving');
    two.beats(2);
    expect(stateAfter()).toBe('released');
  });

  test('is kept when what the other has seen was of a former self of ours', () => {
    two.says(two.claims('held'));
    two.beats(9, 2);
    expect(stateAfter()).toBe('leaving');
  });

  test('is kept when the other is leaving it, too', () => {
    two.says(two.claims('leaving'));
    two.beats(2);
    expect(stateAfter()).toBe('leaving');
  });

  test('is kept on the word of a copy that is behind what the other says now', () => {
    two.says(two.claims('held'));
    two.claims(undefined);
    two.beats(2);
    expect(stateAfter()).toBe('leaving');
    two.says(two.claims('held'));
    two.beats(2);
    expect(stateAfter()).toBe('released');
  });

  test('is kept when the other is dead, and ours again when nobody else is there', () => {
    two.says(two.claims('held'));
    two.beats(2);
    situation.liveness.advance(3_000);
    expect(stateAfter()).toBe('leaving');
    decider.follow(header(2), POLICY);
    expect(situation.claims.states.get('router')?.state).toBe('held');
  });

  test('is let go when it has left the inventory', () => {
    for (const change of situation.exchange.feed('one', [], NOW)) situation.exchange.inventory.follow(change);
    decider.edited('router');
    expect(stateAfter()).toBe('released');
    expect([...decider.watch(['router'], POLICY)]).toEqual([]);
  });
});
