import type { Claim, ClaimBucket } from '@guaita/model';
import { expect, test } from 'vitest';
import { EMPTY_DIGEST } from './digest.ts';
import { bucketOf } from './hash.ts';
import { OwnClaims } from './own-claims.ts';

const held: Claim = { state: 'held', sees: 'unprobed', episode: 0 };
const leaving: Claim = { ...held, state: 'leaving' };

test('nothing is claimed at first, and nothing is to be told', () => {
  const claims = new OwnClaims();
  expect(claims.summary).toEqual({ version: 0, count: 0, digest: EMPTY_DIGEST });
  expect(claims.changed()).toEqual([]);
  expect(claims.bucket(0, 1)).toBeUndefined();
});

test('all changes between two tellings bear one version, each bucket is told once', () => {
  const claims = new OwnClaims();
  for (let n = 0; n < 1000; n += 1) claims.set(`device-${n}`, held);
  expect(claims.summary).toMatchObject({ version: 1, count: 1000 });
  const told = claims.changed();
  expect(new Set(told).size).toBe(told.length);
  expect(told.reduce((sum, bucket) => sum + Object.keys(claims.bucket(bucket, 1)?.claims ?? {}).length, 0)).toBe(1000);
  claims.set('device-1', leaving);
  expect(claims.summary.version).toBe(2);
  expect(claims.changed()).toEqual([bucketOf('device-1')]);
  expect(claims.hasChanged).toBe(false);
});

test('what was told stays as it was told', () => {
  const claims = new OwnClaims();
  claims.set('router', held);
  claims.changed();
  const told = claims.bucket(bucketOf('router'), 1) as ClaimBucket;
  claims.release('router');
  expect(told).toEqual({ incarnation: 1, version: 1, claims: { router: held } });
  expect(claims.bucket(bucketOf('router'), 1)).toEqual({ incarnation: 1, version: 2, claims: {} });
});

test('a claim keeps the version of its state, whatever is seen of the device meanwhile', () => {
  const claims = new OwnClaims();
  claims.set('router', held);
  claims.changed();
  claims.set('router', leaving);
  claims.changed();
  claims.set('router', { ...leaving, sees: 'answering' });
  expect(claims.states.get('router')).toEqual({ state: 'leaving', version: 2 });
  expect(claims.summary.version).toBe(3);
  expect(claims.count).toEqual({ held: 0, leaving: 1 });
  claims.release('router');
  claims.release('router');
  expect(claims.count).toEqual({ held: 0, leaving: 0 });
});

test('who asks is answered with the buckets of other versions', () => {
  const claims = new OwnClaims();
  claims.set('router', held);
  claims.changed();
  claims.set('switch', held);
  const versions = Array<number>(256).fill(0);
  expect(claims.differing(versions).sort()).toEqual([bucketOf('router'), bucketOf('switch')].sort());
  versions[bucketOf('router')] = 1;
  expect(claims.differing(versions)).toEqual([bucketOf('switch')]);
});

test('under a new incarnation every bucket is told again, the empty ones too', () => {
  const claims = new OwnClaims();
  claims.set('router', held);
  claims.set('switch', held);
  claims.release('switch');
  claims.changed();
  claims.changeAll();
  expect(claims.changed().sort()).toEqual([bucketOf('router'), bucketOf('switch')].sort());
});
