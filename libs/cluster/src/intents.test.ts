import { Intent } from '@guaita/model';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { bucketOf } from './hash.ts';
import { compareStamps } from './hlc.ts';
import { digestOf, intentKey, Intents, TOMBSTONE_ms } from './intents.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const ROUTER = { kind: 'device', subject: 'router', feeder: 'command' } as const;

const stamp = (at_ms: number, writer = 'one') => ({ at_ms, counter: 0, writer });

function device(subject: string, at_ms: number, wanted = true, feeder = 'command'): Intent {
  const entry = { device: subject, name: `${subject} ${at_ms}`, addresses: ['192.0.2.1'] };
  const device = { ...entry, parents: [], tags: [], checks: {} };
  return { kind: 'device', subject, feeder, stamp: stamp(at_ms), wanted, ...(wanted ? { device } : {}) };
}

function drain(subject: string, at_ms: number, wanted = true): Intent {
  return { kind: 'drain', subject, stamp: stamp(at_ms), wanted };
}

function forget(subject: string, at_ms: number): Intent {
  return { kind: 'forget', subject, stamp: stamp(at_ms), wanted: true, incarnation: 1 };
}

function silence(subject: string, at_ms: number, wanted = true): Intent {
  const scope = { devices: ['router'], monitors: [], tags: [], sites: [], kinds: [], severities: [] };
  const silence = { ...scope, by: 'ada', why: `at ${at_ms}`, until: '2026-03-01T12:00:00.000Z' };
  return { kind: 'silence', subject, stamp: stamp(at_ms), wanted, ...(wanted ? { silence } : {}) };
}

function acknowledgement(subject: string, at_ms: number, wanted = true): Intent {
  const acknowledgement = { by: 'ada', why: `at ${at_ms}`, at: '2026-03-01T12:00:00.000Z' };
  return { kind: 'acknowledgement', subject, stamp: stamp(at_ms), wanted, ...(wanted ? { acknowledgement } : {}) };
}

/** What an intent says is settled by its stamp: one writer never gives a stamp twice. */
const anyIntent: fc.Arbitrary<Intent> = fc
  .record({
    kind: fc.constantFrom('device', 'drain', 'forget', 'silence', 'acknowledgement'),
    subject: fc.constantFrom('a', 'b', 'c'),
    feeder: fc.constantFrom('command', 'a', 'b'),
    at_ms: fc.nat(8),
  })
  .map(({ kind, subject, feeder, at_ms }) => {
    if (kind === 'device') return device(subject, at_ms, at_ms % 3 !== 0, feeder);
    if (kind === 'silence') return silence(subject, at_ms, at_ms % 2 === 0);
    if (kind === 'acknowledgement') return acknowledgement(subject, at_ms, at_ms % 3 !== 0);
    return kind === 'drain' ? drain(subject, at_ms, at_ms % 2 === 0) : forget(subject, at_ms);
  });

function joined(...parts: readonly (readonly Intent[])[]): Intents {
  const intents = new Intents();
  for (const part of parts) intents.merge(part);
  return intents;
}

function contents(intents: Iterable<Intent>): Intent[] {
  return [...intents].sort((a, b) => (intentKey(a) < intentKey(b) ? -1 : 1));
}

/** The rule in ten lines: of each key the newest, but for what a monitor left before it was forgotten. */
function specification(heard: readonly Intent[]): Intent[] {
  const newest = heard.filter((intent) =>
    heard.every((other) => intentKey(other) !== intentKey(intent) || compareStamps(other.stamp, intent.stamp) <= 0),
  );
  const leftBy = (intent: Intent) =>
    intent.kind === 'device' ? intent.feeder : intent.kind === 'drain' ? intent.subject : undefined;
  const kept = newest.filter((intent) =>
    heard.every(
      (f) => f.kind !== 'forget' || f.subject !== leftBy(intent) || compareStamps(f.stamp, intent.stamp) <= 0,
    ),
  );
  return contents(new Map(kept.map((intent) => [intentKey(intent), intent])).values());
}

test('whatever is heard, in whatever order, three replicas that have heard the same agree with the rule', () => {
  fc.assert(
    fc.property(fc.array(anyIntent), fc.array(anyIntent), fc.array(anyIntent), (a, b, c) => {
      const expected = specification([...a, ...b, ...c]);
      const replicas = [joined(a, b, c), joined(c, b, a), joined([...b, ...c], [...a, ...b])];
      for (const replica of replicas) {
        expect(contents(replica)).toEqual(expected);
        expect(replica.digest).toBe(digestOf(expected));
      }
    }),
    { numRuns: 1_000 },
  );
});

test('the join is commutative, associative and idempotent, by shards as well as whole', () => {
  fc.assert(
    fc.property(fc.array(anyIntent), fc.array(anyIntent), fc.array(anyIntent), (a, b, c) => {
      const [A, B, C] = [joined(a), joined(b), joined(c)];
      const shards = (intents: Intents) => Array.from({ length: 256 }, (_, bucket) => [...intents.shard(bucket)]);
      const abThenC = joined(...shards(joined([...A], ...shards(B))), [...C]);
      const aThenBc = joined([...A], [...joined([...C], ...shards(B))]);
      expect(contents(abThenC)).toEqual(contents(aThenBc));
      expect(contents(joined([...abThenC], [...abThenC]))).toEqual(contents(abThenC));
      expect(joined([...A], [...B]).digest).toBe(joined([...B], [...A]).digest);
    }),
    { numRuns: 1_000 },
  );
});

test('a merge gives just what it changed', () => {
  const intents = new Intents();
  const old = device('router', 1);
  expect(intents.merge([old])).toEqual([{ before: undefined, after: old }]);
  expect(intents.merge([old, device('router', 0)])).toEqual([]);
  const gone = device('router', 2, false);
  expect(intents.merge([gone])).toEqual([{ before: old, after: gone }]);
});

test('each feeder of a device has an intent of its own, all in the bucket of the device', () => {
  const intents = joined([device('router', 1), device('router', 2, true, 'one'), drain('router', 3)]);
  expect([...intents.shard(bucketOf('router'))]).toHaveLength(3);
  expect(intents.shardDigest(bucketOf('router'))).toBe(intents.digest);
});

test('a tombstone deletes for as long as anyone may be away, and is collected then', () => {
  const intents = joined([device('router', 10), device('router', 20, false)]);
  intents.merge([device('router', 10), drain('one', 20 + TOMBSTONE_ms)]);
  expect(intents.find(ROUTER)?.wanted).toBe(false);
  expect(intents.merge([drain('two', 21 + TOMBSTONE_ms)])).toContainEqual({
    before: device('router', 20, false),
    after: undefined,
  });
  expect(intents.find(ROUTER)).toBeUndefined();
  expect([...intents.shard(bucketOf('router'))]).toEqual([]);
});

test('copies that have heard the same collect the same, in whatever order they heard it', () => {
  const heard = [
    ...[device('a', 5, false), device('b', 7, false), drain('c', 9, false)],
    ...[device('d', 6 + TOMBSTONE_ms), drain('e', 8 + TOMBSTONE_ms)],
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(heard, { minLength: heard.length }), (order) => {
      const intents = joined([device('a', 1)], ...order.map((intent) => [intent]));
      expect(contents(intents).map(intentKey)).toEqual(['device/d/command', 'drain/c', 'drain/e']);
      expect(intents.digest).toBe(digestOf(intents));
      // What was collected is not taken up again from a copy that still has it.
      expect(intents.merge([device('b', 7, false)])).toEqual([]);
    }),
  );
});

test('who is forgotten takes along what its file fed, but not what others feed, nor what it feeds as a new monitor', () => {
  const changes = joined([
    device('a', 1, true, 'gone'),
    device('a', 1),
    device('b', 1, true, 'gone'),
    drain('gone', 2),
  ]);
  expect(changes.merge([forget('gone', 10)])).toHaveLength(4);
  expect(contents(changes).map(intentKey)).toEqual(['device/a/command', 'forget/gone']);
  changes.merge([device('b', 5, true, 'gone'), device('c', 11, true, 'gone')]);
  expect(contents(changes).map(intentKey)).toEqual(['device/a/command', 'device/c/gone', 'forget/gone']);
});

test('equal entries of many feeders are one object, whoever brought them', () => {
  const feeders = ['command', 'one', 'two', 'three'];
  const intents = joined(...feeders.map((feeder) => [fedAlike('router', feeder)]));
  const entries = new Set(feeders.map((feeder) => entryOf(intents.find({ ...ROUTER, feeder }))));
  expect(entries.size).toBe(1);
  intents.merge([device('router', 9, true, 'two')]);
  expect(intents.entry('router')?.name).toBe('router 9');
  expect(entryOf(intents.find({ ...ROUTER, feeder: 'one' }))?.name).toBe('router 5');
});

test('the newest entry among the feeders counts, and withdrawn the next', () => {
  const intents = joined([device('router', 1, true, 'one'), device('router', 3, true, 'two'), device('router', 2)]);
  expect([intents.entry('router')?.name, ...intents.feeders('router')]).toEqual(['router 3', 'command', 'one', 'two']);
  intents.merge([device('router', 4, false, 'two')]);
  expect([intents.entry('router')?.name, ...intents.feeders('router')]).toEqual(['router 2', 'command', 'one']);
  expect([...intents.fedBy('two')]).toEqual(['router']);
});

test('a shard is what stood there when it was asked for', () => {
  const intents = joined([device('router', 1)]);
  const shard = intents.shard(bucketOf('router'));
  intents.merge([device('router', 2), device('router', 1, true, 'one')]);
  expect([...shard]).toEqual([device('router', 1)]);
});

function fedAlike(subject: string, feeder: string): Intent {
  return device(subject, 5, true, feeder);
}

function entryOf(intent: Intent | undefined) {
  return intent?.kind === 'device' ? intent.device : undefined;
}

test('what operators entered stays, whoever is to be forgotten that is called as commands are', () => {
  const router = device('router', 1);
  expect(contents(joined([router, forget('command', 2)]))).toContainEqual(router);
  expect(contents(joined([forget('command', 2)], [router]))).toContainEqual(router);
  for (const intent of [forget('command', 2), drain('command', 2)])
    expect(() => Intent.parse(intent)).toThrow('stands for commands, and is no monitor');
});
