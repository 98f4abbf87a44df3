import { INCARNATION_MAX, type Header } from '@guaita/model';
import { expect, test } from 'vitest';
import { Identity } from './identity.ts';

const OWN = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);

function header(host_key: string, incarnation: number, beat: number): Header {
  return {
    ...{ host_key, incarnation, session: 0, beat, site: 'home', tags: [], capacity: 10 },
    ...{ policy: { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' }, probe_age_s: null },
    ...{ probing: true, isolated: false, claims: { version: 0, count: 0, digest: '0'.repeat(16) } },
    ...{ seen: {}, intents: '0'.repeat(16) },
  };
}

function make(incarnation: number): Identity {
  const identity = new Identity('one', OWN, incarnation, () => 0.5);
  identity.nextBeat();
  return identity;
}

test('an echo of our own beat raises nothing', () => {
  const identity = make(3);
  identity.heardOwn(header(OWN, 3, identity.beat), false, 0);
  expect(identity.raise(0)).toBe(false);
  expect(identity.incarnation).toBe(3);
});

test('a former self with our incarnation or a later one raises ours above it', () => {
  const lost = make(1);
  lost.heardOwn(header(OWN, 1, lost.beat + 1_000_000), true, 0);
  expect(lost.raise(0)).toBe(true);
  expect(lost.incarnation).toBe(2);
  const longLost = make(1);
  longLost.heardOwn(header(OTHER, 7, 5), true, 0);
  expect(longLost.nextDeadline_ms(0)).toBeLessThanOrEqual(0);
  expect(longLost.raise(0)).toBe(true);
  expect(longLost.incarnation).toBe(8);
  expect(longLost.nextDeadline_ms(0)).toBe(Infinity);
});

test('a former self with an earlier incarnation raises nothing, and is no other host', () => {
  const identity = make(3);
  for (let now_ms = 0; now_ms < 8_000; now_ms += 1_000) identity.heardOwn(header(OWN, 2, 7), false, now_ms);
  expect(identity.raise(8_000)).toBe(false);
  expect(identity.problem(8_000)).toBeUndefined();
});

test('what others have seen of us raises ours above it', () => {
  const identity = make(3);
  identity.exceed(2);
  expect(identity.raise(0)).toBe(false);
  identity.exceed(5);
  expect(identity.raise(0)).toBe(true);
  expect(identity.incarnation).toBe(6);
});

test('an incarnation that nobody can have reached raises nothing', () => {
  const identity = make(3);
  identity.exceed(Number.MAX_SAFE_INTEGER);
  identity.exceed(2 ** 40);
  identity.heardOwn(header(OTHER, INCARNATION_MAX, 1), true, 0);
  expect(identity.raise(0)).toBe(false);
  const last = make(INCARNATION_MAX - 1);
  last.exceed(INCARNATION_MAX);
  expect(last.raise(0)).toBe(false);
});

test('it is raised at most every 2 s, for two hosts of one id would raise theirs over each other’s', () => {
  const identity = make(3);
  identity.exceed(3);
  expect(identity.raise(0)).toBe(true);
  identity.exceed(9);
  expect(identity.raise(1_999)).toBe(false);
  expect(identity.nextDeadline_ms(1_999)).toBe(2_000);
  expect(identity.raise(2_000)).toBe(true);
});

test('another live host under our id is trouble that names both, until it has been silent for a while', () => {
  const identity = make(3);
  for (let second = 0; second <= 5; second += 1) {
    expect(identity.problem(second * 1_000)).toBeUndefined();
    identity.heardOwn(header(OTHER, 4, second), false, second * 1_000);
  }
  const problem = identity.problem(5_000);
  for (const part of ['"one"', OWN, OTHER, 'claims nothing until']) expect(problem).toContain(part);
  expect(identity.raise(5_000)).toBe(false);
  expect(identity.nextDeadline_ms(5_000)).toBe(15_000);
  expect(identity.problem(14_999)).toBeDefined();
  expect(identity.problem(15_000)).toBeUndefined();
  expect(identity.raise(15_000)).toBe(true);
});

test('a copy of this host, key and all, is trouble too', () => {
  const identity = make(3);
  for (let second = 0; second <= 5; second += 1) identity.heardOwn(header(OWN, 4, second), false, second * 1_000);
  expect(identity.problem(5_000)).toContain('two live monitors are called "one"');
});

test('what a broker kept of another host is no life of it', () => {
  const identity = make(3);
  for (let second = 0; second <= 9; second += 1) identity.heardOwn(header(OTHER, 2, second), true, second * 1_000);
  expect(identity.problem(9_000)).toBeUndefined();
});

test('messages of one former self that come late, out of order, are no other host', () => {
  const identity = make(3);
  const late = [5, 3, 7, 7, 6, 4];
  late.forEach((beat, second) => identity.heardOwn(header(OTHER, 2, beat), false, second * 1_000));
  expect(identity.problem(6_000)).toBeUndefined();
});
