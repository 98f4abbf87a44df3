import { expect, test } from 'vitest';
import { Hearing } from './hearing.ts';
import type { Life } from './life.ts';

const beat = (number: number): Life => ({
  incarnation: 1,
  beat: number,
  headerDigest: '',
  version: 0,
  ended: undefined,
});

test('who has the newest beat hears, and who lacks one for longer than it may be on its way is deaf', () => {
  const hearing = new Hearing(100);
  hearing.said('pi-1', beat(1), 0);
  expect(hearing.isDeaf('pi-1', undefined, 99)).toBe(false);
  expect(hearing.isDeaf('pi-1', undefined, 100)).toBe(true);
  expect(hearing.isDeaf('pi-1', beat(1), 100)).toBe(false);
  hearing.said('pi-1', beat(2), 60);
  hearing.said('pi-1', beat(3), 120);
  expect(hearing.isDeaf('pi-1', beat(1), 159)).toBe(false);
  hearing.said('pi-1', beat(3), 160);
  expect(hearing.isDeaf('pi-1', beat(1), 160)).toBe(true);
  expect(hearing.isDeaf('pi-1', beat(2), 160)).toBe(false);
  // Read later than what its own server had said.
  expect(hearing.isDeaf('pi-1', beat(4), 160)).toBe(false);
});

test('of a host that says nothing new there is nothing to miss, nor of one that was never heard of', () => {
  const hearing = new Hearing(100);
  hearing.said('pi-1', beat(1), 0);
  for (let now_ms = 0; now_ms < 1_000; now_ms += 50) hearing.said('pi-1', beat(1), now_ms);
  expect(hearing.isDeaf('pi-1', beat(1), 1_000)).toBe(false);
  expect(hearing.isDeaf('pi-2', undefined, 1_000)).toBe(false);
});
