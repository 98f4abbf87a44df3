import { Header } from '@guaita/model';
import { expect, test } from 'vitest';
import type { Effect } from './effect.ts';
import { bucketOf } from './hash.ts';
import type { LinkMessage } from './link.ts';
import { device, devices, keyOf, Story } from './story.ts';

const headers = (said: readonly LinkMessage[]) =>
  said.flatMap((message) => (message.kind === 'header' ? message.header : []));

test('a header is said each second, valid, each with a greater beat; idle monitors say nothing else', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(50), story.now);
  story.begin('two');
  story.run(10);
  one.said.length = 0;
  story.run(20);
  expect(new Set(one.said.map(({ kind }) => kind))).toEqual(new Set(['header']));
  expect(one.said).toHaveLength(20);
  const beats = headers(one.said).map(({ beat }) => beat);
  expect(beats).toEqual(beats.map((_, n) => (beats[0] ?? 0) + n));
  for (const header of headers(one.said)) expect(Header.parse(header)).toEqual(header);
});

test('buckets are said before the header that counts them', () => {
  const story = new Story();
  const { member } = story.begin('one', { patience: [] });
  member.feed('one', devices(30), story.now);
  member.advance(story.now);
  const said = member.effects().flatMap((effect) => (effect.kind === 'say' ? effect.message : []));
  const counted = said.findIndex((message) => message.kind === 'header' && message.header.claims.count > 0);
  const buckets = said.flatMap(({ kind }, at) => (kind === 'bucket' ? [at] : []));
  expect(buckets).toHaveLength(new Set(devices(30).map((each) => bucketOf(each.device))).size);
  expect(Math.max(...buckets)).toBeLessThan(counted);
});

test('the session is the number that the fastest link gives its connection, that of another is none', () => {
  const story = new Story();
  const { member } = story.begin('one');
  // A link that tried in vain has counted on.
  member.connected('mqtt', true, story.now, 3);
  expect(member.header(story.now).session).toBe(3);
  member.connected('antidote', true, story.now, 9);
  member.connected('mqtt', false, story.now);
  expect(member.header(story.now).session).toBe(3);
  member.connected('mqtt', true, story.now, 7);
  expect(member.header(story.now).session).toBe(7);
});

test('an outage is one episode for all that see it, and the next is the next', () => {
  const story = new Story();
  const policy = { monitors_per_device: 2, snmp_per_device: 1, mode: 'spread' } as const;
  const [one, two] = [story.begin('one', { policy }), story.begin('two', { policy })];
  one.member.feed('one', [device('router')], story.now);
  story.run(6);
  const claimOf = (said: readonly LinkMessage[]) =>
    said.flatMap((message) => (message.kind === 'bucket' ? [message.content.claims['router']] : [])).at(-1);
  one.member.sees('router', 'down', story.now);
  one.member.sees('elsewhere', 'down', story.now);
  story.run(0.2);
  two.member.sees('router', 'down', story.now);
  two.member.sees('router', 'down', story.now);
  story.run(0.2);
  expect(claimOf(one.said)).toMatchObject({ sees: 'down', episode: 1, down_since: '2026-01-01T00:00:06.000Z' });
  expect(claimOf(two.said)).toMatchObject({ sees: 'down', episode: 1 });
  one.member.sees('router', 'answering', story.now);
  two.member.sees('router', 'answering', story.now);
  story.run(0.2);
  expect(claimOf(one.said)).toEqual({ state: 'held', sees: 'answering', episode: 1 });
  two.member.sees('router', 'unprobed', story.now);
  story.run(0.2);
  expect(claimOf(two.said)).toEqual({ state: 'held', sees: 'unprobed', episode: 1 });
  two.member.sees('router', 'down', story.now);
  story.run(0.2);
  expect(claimOf(two.said)).toMatchObject({ sees: 'down', episode: 2 });
});

test('the episodes that a former self counted are counted on', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', [device('router')], story.now);
  story.run(4);
  for (const sees of ['down', 'answering', 'down', 'answering'] as const) {
    one.member.sees('router', sees, story.now);
    story.run(0.2);
  }
  story.kill('one');
  const again = story.begin('one');
  for (const message of one.said) again.member.heard('mqtt', message, true, story.now);
  story.run(4);
  again.member.sees('router', 'down', story.now);
  story.run(0.2);
  const bucket = again.said.findLast(({ kind }) => kind === 'bucket');
  expect(bucket).toMatchObject({ content: { incarnation: 2, claims: { router: { sees: 'down', episode: 3 } } } });
});

test('another host under our id is trouble that names both, and we claim nothing while it lives', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(10), story.now);
  story.begin('two');
  story.run(6);
  expect(one.watching.size).toBeGreaterThan(0);
  const header = one.member.header(story.now);
  for (let second = 0; second < 8; second += 1) {
    const theirs = { ...header, host_key: keyOf('theirs'), incarnation: 1, beat: header.beat + 500 + second };
    one.member.heard('mqtt', { kind: 'header', monitor: 'one', header: theirs }, false, story.now);
    story.run(1);
  }
  expect(one.troubles.get('identity')).toContain(keyOf('theirs'));
  expect(one.troubles.get('identity')).toContain(keyOf('one'));
  expect(story.loads()).toEqual({ one: 0, two: 10 });
  story.run(15);
  expect(one.troubles.size).toBe(0);
  expect(one.watching.size).toBeGreaterThan(0);
});

test('where policies differ all follow that of most, and say so', () => {
  const story = new Story();
  const policy = { monitors_per_device: 2, snmp_per_device: 1, mode: 'spread' } as const;
  const actors = [story.begin('one'), story.begin('two', { policy }), story.begin('three', { policy })];
  actors[0]?.member.feed('one', devices(10), story.now);
  story.run(6);
  for (const { device } of devices(10)) expect(story.watchers(device)).toHaveLength(2);
  for (const { troubles } of actors) expect(troubles.get('policy')).toMatch(/different policies: 2 × \(2 monitors/);
  story.kill('one');
  story.run(5);
  expect(actors[1]?.troubles.size).toBe(0);
});

test('a change of a device is told to who watches it, and views come once for each change', () => {
  const story = new Story();
  const { member } = story.begin('one', { patience: [] });
  member.feed('one', [device('router'), device('switch')], story.now);
  story.settle();
  const effects = (): Effect[] => {
    member.advance(story.now);
    return member.effects().filter(({ kind }) => ['watch', 'unwatch', 'device', 'monitor'].includes(kind));
  };
  expect(effects()).toEqual([]);
  const renamed = device('router', { name: 'Router' });
  member.feed('one', [renamed, device('switch')], story.now);
  expect(effects()).toEqual([
    { kind: 'watch', device: renamed, snmp: true },
    { kind: 'device', device: 'router', view: expect.objectContaining({ device: renamed, held: ['one'] }) as unknown },
  ]);
  member.sees('router', 'down', story.now);
  const down_since = new Date(story.now.wall_ms).toISOString();
  const claim = { monitor: 'one', state: 'held', sees: 'down', down_since, episode: 1 };
  expect(effects()).toEqual([
    { kind: 'device', device: 'router', view: expect.objectContaining({ claims: [claim] }) as unknown },
  ]);
  member.sees('router', 'down', story.now);
  expect(effects()).toEqual([]);
  member.feed('one', [renamed], story.now);
  expect(effects()).toEqual([
    { kind: 'unwatch', device: 'switch' },
    { kind: 'device', device: 'switch', view: undefined },
  ]);
});

test('all monitors tell alike which run of another it is, how often it was isolated in it, and how many are wanted', () => {
  const story = new Story();
  const policy = { monitors_per_device: 2, snmp_per_device: 1, mode: 'spread' } as const;
  const [one, two, three] = ['one', 'two', 'three'].map((self) => story.begin(self, { policy, tags: ['rack'] }).member);
  story.run(5);
  for (const isolated of [true, false, true]) {
    one?.facts({ probing: true, probe_age_s: 0, isolated }, story.now);
    story.run(2);
  }
  const expected = {
    incarnation: 1,
    session: 1,
    isolations: 2,
    isolated: true,
    tags: ['rack'],
    monitors_per_device: 2,
  };
  for (const member of [one, two, three]) expect(member?.monitors().get('one')).toMatchObject(expected);
  expect(two?.monitors().get('three')).toMatchObject({ ...expected, isolations: 0, isolated: false });
});

test('what came in is due at once, and nothing is due before the next beat', () => {
  const story = new Story();
  const { member } = story.begin('one');
  story.run(10);
  story.settle();
  const wait_ms = member.nextDeadline_ms - story.now.monotonic_ms;
  expect(wait_ms).toBeGreaterThan(0);
  expect(wait_ms).toBeLessThanOrEqual(1_000);
  member.feed('one', devices(1), story.now);
  expect(member.nextDeadline_ms).toBeLessThanOrEqual(story.now.monotonic_ms);
});

test('this host’s own pause is nobody’s death', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(20), story.now);
  const two = story.begin('two');
  story.run(6);
  const before = two.watching.size;
  expect(before).toBeLessThan(20);
  two.alive = false;
  story.loses = (_, __, to) => to === 'two';
  story.run(30);
  expect(one.watching.size).toBe(20);
  two.alive = true;
  story.loses = () => false;
  story.settle();
  expect(two.watching.size).toBe(before);
  story.run(5);
  expect([one.watching.size, two.watching.size]).toEqual([20 - before, before]);
});

test('what each live monitor sees of a device is told wherever it is known', () => {
  const story = new Story();
  const policy = { monitors_per_device: 2, snmp_per_device: 1, mode: 'spread' } as const;
  const [one, two, three] = ['one', 'two', 'three'].map((self) => story.begin(self, { policy }).member);
  one?.feed('one', [device('router')], story.now);
  story.run(6);
  const held = three?.devices().get('router')?.held ?? [];
  expect(held).toHaveLength(2);
  const [sees, dies] = held;
  const members = new Map([
    ['one', one],
    ['two', two],
    ['three', three],
  ]);
  members.get(sees ?? '')?.sees('router', 'down', story.now);
  story.run(1);
  for (const member of members.values())
    expect(member?.devices().get('router')?.claims).toEqual([
      ...held.map(
        (monitor) => expect.objectContaining({ monitor, sees: monitor === sees ? 'down' : 'unprobed' }) as unknown,
      ),
    ]);
  story.kill(dies ?? '');
  story.run(6);
  const left = [...members.keys()].filter((monitor) => monitor !== dies);
  for (const monitor of left)
    expect(
      members
        .get(monitor)
        ?.devices()
        .get('router')
        ?.claims.map((claim) => claim.monitor),
    ).toEqual(left.sort());
});
