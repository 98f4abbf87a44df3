import type { Claim, ClaimBucket, Header } from '@guaita/model';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { bucketOf } from './hash.ts';
import { OwnClaims } from './own-claims.ts';
import { MonitorRecord } from './record.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

type Said =
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'bucket'; readonly bucket: number; readonly content: ClaimBucket };

function header(incarnation: number, beat: number, claims: Header['claims']): Header {
  return {
    ...{ host_key: 'a'.repeat(32), incarnation, session: 0, beat, site: 'home', tags: [], capacity: 10 },
    ...{ policy: { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' }, probe_age_s: null },
    ...{ probing: true, isolated: false, claims, seen: {}, intents: '0'.repeat(16) },
  };
}

const held: Claim = { state: 'held', sees: 'unprobed', episode: 0 };

/** All that a monitor says in some lives: each is the devices that it claims one after the other, or lets go. */
function life(lives: readonly (readonly string[])[]): Said[] {
  let beat = 0;
  return lives.flatMap((devices, index) => {
    const claims = new OwnClaims();
    const incarnation = index + 1;
    const hello = { kind: 'header', header: header(incarnation, (beat += 1), claims.summary) } as const;
    const rest = devices.flatMap((device): Said[] => {
      if (claims.states.has(device)) claims.release(device);
      else claims.set(device, held);
      const buckets = claims.changed().map((bucket) => {
        const content = claims.bucket(bucket, incarnation) as ClaimBucket;
        return { kind: 'bucket', bucket, content } as const;
      });
      return [...buckets, { kind: 'header', header: header(incarnation, (beat += 1), claims.summary) }];
    });
    return [hello, ...rest];
  });
}

function recordOf(said: readonly Said[]): MonitorRecord {
  const record = new MonitorRecord();
  for (const each of said) {
    if (each.kind === 'header') record.hearHeader(each.header);
    else record.hearBucket(each.bucket, each.content);
  }
  return record;
}

const state = (record: MonitorRecord) => ({
  header: record.header,
  claims: Object.fromEntries(record.claims()),
  versions: record.versions(),
  complete: record.complete,
  count: { ...record.count },
});

/** The rule in ten lines: the newest header, and of each bucket the newest, if it is of the header's incarnation. */
function specification(said: readonly Said[]) {
  const headers = said.flatMap((each) => (each.kind === 'header' ? [each.header] : []));
  const newest = headers.sort((a, b) => a.incarnation - b.incarnation || a.beat - b.beat).at(-1);
  const buckets = said.flatMap((each) => (each.kind === 'bucket' ? [each] : []));
  buckets.sort((a, b) => a.content.incarnation - b.content.incarnation || a.content.version - b.content.version);
  const of = new Map(buckets.map(({ bucket, content }) => [bucket, content]));
  const valid = [...of.values()].filter(({ incarnation }) => incarnation === newest?.incarnation);
  return { header: newest, claims: Object.assign({}, ...valid.map(({ claims }) => claims)) as object };
}

const lives = fc.array(fc.array(fc.constantFrom('router', 'switch', 'printer', 'pi', 'ap')), {
  minLength: 1,
  maxLength: 3,
});

test('three replicas that have heard the same, late, doubled and in any order, agree with the rule', () => {
  const heard = lives.chain((each) => {
    const said = life(each);
    return fc.record({ said: fc.subarray(said), orders: fc.tuple(...[0, 1, 2].map(() => fc.array(fc.nat()))) });
  });
  fc.assert(
    fc.property(heard, ({ said, orders }) => {
      const replicas = orders.map((order) => {
        const shuffled = said.map((each, index) => ({ each, at: order[index] ?? 0 })).sort((a, b) => a.at - b.at);
        const doubled = said.filter((_, index) => (order[index] ?? 0) % 3 === 0);
        return state(recordOf([...shuffled.map(({ each }) => each), ...doubled]));
      });
      expect(replicas[0]).toMatchObject(specification(said));
      for (const replica of replicas) expect(replica).toEqual(replicas[0]);
    }),
    { numRuns: 1_000 },
  );
});

/** A copy of a record, and what of it goes to another copy: the header and the buckets that it keeps. */
class Replica {
  readonly #record = new MonitorRecord();
  readonly #buckets = new Map<number, ClaimBucket>();

  constructor(...heard: readonly Iterable<Said>[]) {
    for (const said of heard) for (const each of said) this.#hear(each);
  }

  *[Symbol.iterator](): IterableIterator<Said> {
    for (const [bucket, content] of this.#buckets) yield { kind: 'bucket', bucket, content };
    const { header } = this.#record;
    if (header !== undefined) yield { kind: 'header', header };
  }

  get state(): unknown {
    return { ...state(this.#record), buckets: new Map([...this.#buckets].sort(([a], [b]) => a - b)) };
  }

  #hear(said: Said): void {
    if (said.kind === 'header') this.#record.hearHeader(said.header);
    else if (this.#record.hearBucket(said.bucket, said.content) !== undefined)
      this.#buckets.set(said.bucket, said.content);
  }
}

const threeReplicas = lives.chain((each) => {
  const heard = fc.shuffledSubarray(life(each)).map((said) => new Replica(said));
  return fc.tuple(heard, heard, heard);
});

test('the join is commutative: whichever copy hears the other, both come to the same', () => {
  fc.assert(
    fc.property(threeReplicas, ([a, b]) => {
      expect(new Replica(a, b).state).toEqual(new Replica(b, a).state);
    }),
    { numRuns: 1_000 },
  );
});

test('the join is associative: it does not matter which two of three copies meet first', () => {
  fc.assert(
    fc.property(threeReplicas, ([a, b, c]) => {
      expect(new Replica(new Replica(a, b), c).state).toEqual(new Replica(a, new Replica(b, c)).state);
    }),
    { numRuns: 1_000 },
  );
});

test('the join is idempotent: what a copy has already changes nothing in it', () => {
  fc.assert(
    fc.property(threeReplicas, ([a, b]) => {
      expect(new Replica(a, a).state).toEqual(a.state);
      const both = new Replica(a, b);
      expect(new Replica(both, a, b).state).toEqual(both.state);
    }),
    { numRuns: 1_000 },
  );
});

test('a copy that has heard all is complete; one whose claims are not what the header counts is not', () => {
  fc.assert(
    fc.property(lives, fc.nat(), (each, lost) => {
      const said = life(each);
      expect(recordOf(said).complete).toBe(true);
      const last = said.filter(({ kind }) => kind === 'bucket').at(-(1 + (lost % 3)));
      const partial = recordOf(said.filter((one) => one !== last));
      const same = JSON.stringify(state(partial).versions) === JSON.stringify(state(recordOf(said)).versions);
      expect(partial.complete).toBe(same);
    }),
  );
});

test('a bucket that is empty again still counts: without it the release would not have been heard', () => {
  const said = life([['router', 'router']]);
  expect(recordOf(said).complete).toBe(true);
  expect([...recordOf(said).claims()]).toEqual([]);
  const withoutRelease = said.filter((_, index) => index !== 3);
  expect(recordOf(withoutRelease).complete).toBe(false);
});

test('claims of a former incarnation are void, and those of the next wait for its header', () => {
  const said = life([['router'], ['switch']]);
  const beforeHeader = recordOf([...said.slice(0, 3), ...said.filter(({ kind }) => kind === 'bucket')]);
  expect([...beforeHeader.claims()].map(([device]) => device)).toEqual(
    bucketOf('router') === bucketOf('switch') ? [] : ['router'],
  );
  const restarted = recordOf(said.slice(0, 4));
  expect([...restarted.claims()]).toEqual([]);
  expect(restarted.complete).toBe(true);
  expect([...recordOf(said).claims()].map(([device]) => device)).toEqual(['switch']);
});
