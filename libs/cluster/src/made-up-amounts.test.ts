import type { ClaimBucket, Header, Intent } from '@guaita/model';
import { expect, test } from 'vitest';
import { bucketOf } from './hash.ts';
import { IntentRefusals, INTENTS_LIMIT } from './intent-refusals.ts';
import { Intents } from './intents.ts';
import { Peers } from './peers.ts';
import { device, keyOf, Story } from './story.ts';

const CLAIM = { state: 'held', sees: 'down', episode: 7 } as const;

/** So many names that belong to a bucket, or to none but another. */
function names(bucket: number, count: number, belonging = true): string[] {
  const found: string[] = [];
  for (let n = 0; found.length < count; n += 1)
    if ((bucketOf(`no-${n}`) === bucket) === belonging) found.push(`no-${n}`);
  return found;
}

function content(devices: readonly string[], version = 1): ClaimBucket {
  return { incarnation: 1, version, claims: Object.fromEntries(devices.map((id) => [id, CLAIM])) };
}

test('claims that belong to another bucket are not kept', () => {
  const peers = new Peers();
  const [right = ''] = names(3, 1);
  const heard = peers.hearBucket('two', 3, content([right, ...names(3, 50, false)]));
  peers.hearHeader('two', {
    ...{ host_key: keyOf('two'), incarnation: 1, session: 1, beat: 1, site: 'home', tags: [], capacity: 10 },
    ...{ policy: { monitors_per_device: 1, snmp_per_device: 1, mode: 'spread' }, probe_age_s: 0, probing: true },
    ...{ isolated: false, seen: {}, intents: '0'.repeat(16) },
    claims: { version: 1, count: 51, digest: '0'.repeat(16) },
  });
  expect(heard.advanced).toBe(false);
  expect([...peers.claimedBy('two')]).toEqual([[right, CLAIM]]);
  expect(peers.get('two')?.count.held).toBe(1);
});

test('a former self counts outages only of devices that belong to the bucket', () => {
  const story = new Story();
  const { member } = story.begin('one', { incarnation: 2 });
  const foreign = names(3, 1, false)[0] as string;
  const own = names(3, 1)[0] as string;
  for (const id of [foreign, own]) member.feed(id, [device(id)], story.now);
  member.heard(
    'mqtt',
    { kind: 'bucket', monitor: 'one', bucket: 3, content: content([foreign, own]) },
    true,
    story.now,
  );
  story.run(4);
  for (const id of [foreign, own]) member.sees(id, 'down', story.now);
  story.run(1);
  const episode = (id: string) => member.devices().get(id)?.claims[0]?.episode;
  expect([episode(foreign), episode(own)]).toEqual([1, 7]);
});

test('of one monitor no more claims are kept than the limit, and trouble names it until it is forgotten', () => {
  const peers = new Peers(100);
  for (const bucket of [1, 2]) peers.hearBucket('two', bucket, content(names(bucket, 50)));
  expect(peers.problem).toBeUndefined();
  for (const full of [
    peers.hearBucket('two', 3, content(names(3, 1))),
    peers.hearBucket('two', 1, content(names(1, 51), 2)),
  ])
    expect(full.devices).toEqual(new Set());
  for (const part of ['"two" claims more than 100 devices', 'passed over', 'stop and forget it'])
    expect(peers.problem).toContain(part);
  const header = { incarnation: 1, beat: 1 } as Header;
  peers.hearHeader('two', { ...header, claims: { version: 1, count: 100, digest: '0'.repeat(16) } });
  expect([...peers.claimedBy('two')]).toHaveLength(100);
  expect(peers.hearBucket('two', 1, content([], 3)).devices.size).toBe(50);
  expect(peers.hearBucket('two', 3, content(names(3, 50))).devices.size).toBe(50);
  peers.forget('two', 1, false);
  expect(peers.problem).toBeUndefined();
});

test('intents of others are taken up to a limit, newer ones of what is known are always, and trouble names the first', () => {
  const intents = new Intents();
  const full = { size: INTENTS_LIMIT, find: (topic: Intent) => intents.find(topic) };
  const drain = (subject: string, at_ms = 1): Intent => ({
    ...{ kind: 'drain', subject, wanted: true, stamp: { at_ms, counter: 0, writer: 'two' } },
  });
  intents.merge([drain('one'), drain('two')]);
  expect(intents.size).toBe(2);
  intents.merge([drain('two', 2), { ...drain('three'), stamp: { at_ms: 3, counter: 0, writer: 'two' } }]);
  expect(intents.size).toBe(3);
  const refusals = new IntentRefusals(full);
  expect([refusals.refuses(drain('last')), refusals.refuses(drain('two', 4))]).toEqual([true, false]);
  for (const part of [String(INTENTS_LIMIT), '"drain/last" is passed over', 'find who makes them up'])
    expect(refusals.problem).toContain(part);
  full.size = INTENTS_LIMIT - 1;
  expect(refusals.refuses(drain('last'))).toBe(false);
  expect(refusals.problem).toBeUndefined();
});
