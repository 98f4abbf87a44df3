import type { Header } from '@guaita/model';
import { expect, test } from 'vitest';
import { Acknowledgements } from './acknowledgements.ts';
import { SetDigest } from './digest.ts';
import { bucketOf } from './hash.ts';
import { Peers } from './peers.ts';
import { keyOf } from './story.ts';

const BUCKET = bucketOf('router');

function headerOf(changes: Partial<Header>): Header {
  return {
    ...{ host_key: keyOf('two'), incarnation: 1, session: 1, beat: 1, site: 'home', tags: [], capacity: 10 },
    ...{ policy: { monitors_per_device: 1, snmp_per_device: 1, mode: 'spread' } },
    ...{ probe_age_s: 0, probing: true, isolated: false, seen: {}, intents: '0'.repeat(16) },
    ...{ claims: { version: 0, count: 0, digest: '0'.repeat(16) }, ...changes },
  };
}

/** A peer called "two": what it says of its one bucket, and what is told of that. */
function scene() {
  const peers = new Peers();
  const acknowledgements = new Acknowledgements(peers);
  let beat = 0;
  return {
    acknowledgements,
    beats: (version: number, changes: Partial<Header> = {}): boolean => {
      const digest = new SetDigest();
      if (version > 0) digest.toggle(BUCKET, version);
      beat += 1;
      const claims = { version, count: version > 0 ? 1 : 0, digest: digest.text };
      peers.hearHeader('two', headerOf({ beat, claims, ...changes }));
      return acknowledgements.note('two');
    },
    claims: (version: number, state: 'held' | 'leaving', incarnation = 1): boolean => {
      peers.hearBucket('two', BUCKET, {
        incarnation,
        version,
        claims: { router: { state, sees: 'answering', episode: 0 } },
      });
      return acknowledgements.note('two');
    },
    forget: (): void => {
      peers.forget('two', 9, false);
      acknowledgements.note('two');
    },
  };
}

test('nothing is told of a monitor that only holds', () => {
  const { acknowledgements, beats, claims } = scene();
  claims(1, 'held');
  expect(beats(1)).toBe(false);
  expect(acknowledgements.header).toEqual({});
});

test('who leaves a device is told how far its claims are complete here, until it has left', () => {
  const { acknowledgements, beats, claims } = scene();
  claims(1, 'held');
  beats(1);
  claims(2, 'leaving');
  expect(acknowledgements.header).toEqual({ two: { incarnation: 1, version: 1 } });
  expect(beats(2)).toBe(true);
  expect(acknowledgements.header).toEqual({ two: { incarnation: 1, version: 2 } });
  const told = acknowledgements.header;
  expect(beats(2)).toBe(false);
  expect(acknowledgements.header).toBe(told);
  // Its next version is on its way: what was seen stays seen.
  expect(beats(3)).toBe(false);
  expect(acknowledgements.header).toBe(told);
  claims(3, 'held');
  expect(acknowledgements.header).toEqual({});
});

test('another incarnation begins anew', () => {
  const { acknowledgements, beats, claims } = scene();
  claims(5, 'leaving');
  beats(5);
  expect(acknowledgements.header).toEqual({ two: { incarnation: 1, version: 5 } });
  beats(1, { incarnation: 2 });
  expect(acknowledgements.header).toEqual({});
  claims(1, 'leaving', 2);
  expect(acknowledgements.header).toEqual({ two: { incarnation: 2, version: 1 } });
});

test('who is not heard is told what is known, until the same host is', () => {
  const { acknowledgements, beats, claims } = scene();
  claims(4, 'held');
  beats(4, { incarnation: 1 });
  acknowledgements.unheard('two', headerOf({ host_key: keyOf('other') }), 0);
  expect(acknowledgements.header).toEqual({ two: { incarnation: 1, version: 4 } });
  beats(4);
  expect(acknowledgements.header).toEqual({ two: { incarnation: 1, version: 4 } });
  beats(0, { incarnation: 2, host_key: keyOf('other') });
  expect(acknowledgements.header).toEqual({});
});

test('a contradiction stands until the monitor has exceeded it', () => {
  const { acknowledgements, beats } = scene();
  beats(0);
  acknowledgements.contradict('two', 3);
  beats(0, { incarnation: 3 });
  expect(acknowledgements.header).toEqual({ two: { incarnation: 4, version: 0 } });
  beats(0, { incarnation: 4 });
  expect(acknowledgements.header).toEqual({});
});

test('nothing is told of who is forgotten', () => {
  const { acknowledgements, beats, claims, forget } = scene();
  claims(2, 'leaving');
  beats(2);
  acknowledgements.contradict('two', 3);
  acknowledgements.unheard('two', headerOf({ host_key: keyOf('other') }), 0);
  forget();
  expect(acknowledgements.header).toEqual({});
});

test('who speaks on for seconds under the incarnation that is known, and is not heard, is not late: it lives', () => {
  const { acknowledgements, beats } = scene();
  beats(0, { beat: 1_000 });
  const hears = (beat: number, now_ms: number, changes: Partial<Header> = {}): boolean =>
    acknowledgements.unheard('two', headerOf({ beat, ...changes }), now_ms);
  expect([hears(10, 0), hears(11, 1_000), hears(10, 6_000), hears(11, 7_000)]).toEqual([false, false, false, false]);
  expect(hears(12, 7_000)).toBe(true);
  expect(hears(13, 8_000, { host_key: keyOf('other') })).toBe(false);
  expect(hears(14, 9_000)).toBe(false);
  expect(hears(15, 14_000)).toBe(true);
});
