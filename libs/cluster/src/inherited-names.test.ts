import type { Header } from '@guaita/model';
import { expect, test } from 'vitest';
import { bucketOf } from './hash.ts';
import { OwnClaims } from './own-claims.ts';
import { Peers } from './peers.ts';

const header = { incarnation: 1, beat: 1, claims: { version: 1, count: 0, digest: '0'.repeat(16) } } as Header;

test('a device called "constructor" is claimed by those only who claim it', () => {
  const own = new OwnClaims();
  expect(own.get('constructor')).toBeUndefined();
  own.set('constructor', { state: 'held', sees: 'unprobed', episode: 0 });
  expect(own.get('constructor')?.state).toBe('held');

  const peers = new Peers();
  const bucket = bucketOf('constructor');
  const claims = { constructor: { state: 'held', sees: 'unprobed', episode: 0 } } as never;
  peers.hearHeader('m1', header);
  peers.hearBucket('m1', bucket, { incarnation: 1, version: 1, claims });
  expect(peers.claimants('constructor')).toEqual(['m1']);
  peers.hearBucket('m1', bucket, { incarnation: 1, version: 2, claims: {} });
  expect(peers.claimants('constructor')).toEqual([]);
  expect(peers.get('m1')?.claim('constructor')).toBeUndefined();
});
