import type { Device, Intent, Silence } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { packIntents, unpackIntents } from './intent-bucket.ts';
import { intentLevel, intentPartOf, partIntents } from './intent-parts.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const DIGEST = '0123456789abcdef';

const SILENCE: Silence = {
  ...{ devices: ['a'], monitors: [], tags: [], sites: [], kinds: [], severities: [] },
  ...{ by: 'ada', why: 'a new roof', until: '2026-03-01T12:00:00.000Z' },
};

function entry(device: string, name = device): Device {
  return { device, name, addresses: ['192.0.2.1'], parents: [], tags: [], checks: {} };
}

function fed(subject: string, feeder: string, at_ms = 1, device = entry(subject)): Intent {
  return { kind: 'device', subject, feeder, stamp: { at_ms, counter: 0, writer: feeder }, wanted: true, device };
}

const anyIntent: fc.Arbitrary<Intent> = fc
  .record({
    kind: fc.constantFrom('fed', 'fed otherwise', 'withdrawn', 'drain', 'forget', 'silence', 'acknowledgement'),
    subject: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    feeder: fc.constantFrom('command', 'one', 'two'),
    at_ms: fc.nat(3),
  })
  .map(({ kind, subject, feeder, at_ms }): Intent => {
    const stamp = { at_ms, counter: 0, writer: feeder };
    if (kind === 'fed') return fed(subject, feeder, at_ms);
    if (kind === 'fed otherwise') return fed(subject, feeder, at_ms, entry(subject, feeder));
    if (kind === 'withdrawn') return { kind: 'device', subject, feeder, stamp, wanted: false };
    if (kind === 'silence') return { kind, subject, stamp, wanted: true, silence: SILENCE };
    if (kind === 'acknowledgement')
      return { kind, subject, stamp, wanted: true, acknowledgement: { by: feeder, why: 'seen', at: SILENCE.until } };
    if (kind === 'drain') return { kind, subject, stamp, wanted: true };
    return { kind: 'forget', subject, stamp, wanted: true, incarnation: 1 };
  });

function inOrder(intents: Iterable<Intent>): string[] {
  return Array.from(intents, (intent) => JSON.stringify(intent)).sort();
}

describe('a bucket of intents as a message', () => {
  test('says just what went in', () => {
    fc.assert(
      fc.property(fc.array(anyIntent), (intents) => {
        const read = JSON.parse(JSON.stringify(packIntents(intents, DIGEST))) as ReturnType<typeof packIntents>;
        expect(inOrder(unpackIntents(read))).toEqual(inOrder(intents));
      }),
    );
  });

  test('says once what sixty monitors feed alike, each with an entry of its own in memory', () => {
    const feeders = Array.from({ length: 60 }, (_, n) => `monitor-${n}`);
    const devices = Array.from({ length: 100 }, (_, n) => `device-${n}`);
    const bucket = packIntents(
      feeders.flatMap((feeder) => devices.map((device) => fed(device, feeder))),
      DIGEST,
    );
    expect(bucket.entries).toHaveLength(100);
    expect(bucket.fed).toHaveLength(60);
  });

  test('passes over what names an entry that is not there', () => {
    const bucket = packIntents([fed('a', 'one')], DIGEST);
    const [group] = bucket.fed;
    const wrong = { ...bucket, fed: [{ ...group!, entries: [0, 1] }] };
    expect([...unpackIntents(wrong)]).toEqual([fed('a', 'one')]);
  });
});

describe('a bucket that is too long for one message', () => {
  const many = Array.from({ length: 500 }, (_, n) => fed(`device-${n}`, 'one'));

  test('goes in parts of a bearable size, which say all of it together', () => {
    fc.assert(
      fc.property(fc.array(anyIntent), fc.integer({ min: 1, max: 3_000 }), (intents, limit) => {
        const parts = partIntents(intents, DIGEST, limit);
        expect(inOrder(parts.flatMap((part) => [...unpackIntents(part)]))).toEqual(inOrder(intents));
        for (const part of parts) {
          expect(part.digest).toBe(DIGEST);
          if ([...unpackIntents(part)].length > 1) expect(JSON.stringify(part).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test('is one message as long as it may be, and none when there is nothing to say', () => {
    expect(partIntents(many, DIGEST)).toHaveLength(1);
    expect(partIntents([], DIGEST)).toEqual([]);
  });

  test('leaves each device in its part when another changes', () => {
    const before = partIntents(many, DIGEST, 20_000);
    const after = partIntents([...many.slice(1), fed('device-0', 'one', 2)], DIGEST, 20_000);
    expect(before.length).toBeGreaterThan(3);
    expect(after).toHaveLength(before.length);
    const same = after.filter((part, at) => JSON.stringify(part) === JSON.stringify(before[at]));
    expect(same).toHaveLength(before.length - 1);
  });

  test('has a topic level for each part, the first that of the bucket', () => {
    expect([0, 1, 12].map((part) => intentLevel({ bucket: 63, part }))).toEqual(['3f', '3f.1', '3f.12']);
    for (const part of [0, 1, 9_999])
      expect(intentPartOf(intentLevel({ bucket: 3, part }))).toEqual({ bucket: 3, part });
    for (const level of ['3', '3f.', '3f.0', '3f.01', '3f.10000', '3F', '3f-1', '3f.1.1', 'x.1'])
      expect(intentPartOf(level)).toBeUndefined();
  });
});
