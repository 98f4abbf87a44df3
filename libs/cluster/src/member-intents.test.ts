import type { Intent } from '@guaita/model';
import { expect, test } from 'vitest';
import type { Effect } from './effect.ts';
import { bucketOf } from './hash.ts';
import { AWAY_LIMIT_ms } from './intents.ts';
import { device, devices, keyOf, Story } from './story.ts';

const DAY_ms = 24 * 3_600_000;

function command(id: string, wanted = true) {
  return { kind: 'device', subject: id, feeder: 'command', wanted, ...(wanted ? { device: device(id) } : {}) } as const;
}

test('a device added at one monitor is watched, and removed at another it is not', () => {
  const story = new Story();
  const one = story.begin('one');
  const two = story.begin('two');
  story.run(4);
  one.member.intend(command('router'), story.now);
  story.run(1);
  expect(story.watchers('router')).toHaveLength(1);
  two.member.intend(command('router', false), story.now);
  story.run(1);
  expect(story.watchers('router')).toEqual([]);
  expect(one.member.devices().size).toBe(0);
});

test('what leaves a file is withdrawn, what others feed or a command added is not', () => {
  const story = new Story();
  const one = story.begin('one');
  const two = story.begin('two');
  one.member.feed('one', [device('router'), device('switch'), device('printer')], story.now);
  two.member.feed('two', [device('switch')], story.now);
  two.member.intend(command('printer'), story.now);
  story.run(5);
  expect(two.member.devices().get('switch')?.feeders).toEqual(['one', 'two']);
  one.member.feed('one', [], story.now);
  story.run(2);
  expect([...two.member.devices().keys()].sort()).toEqual(['printer', 'switch']);
  expect(story.watchers('router')).toEqual([]);
  expect(two.member.devices().get('printer')?.feeders).toEqual(['command']);
});

test('a file that is read again unchanged says nothing new', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(20), story.now);
  story.run(5);
  const before = one.said.filter(({ kind }) => kind === 'intents').length;
  one.member.feed('one', devices(20).reverse(), story.now);
  story.run(2);
  expect(one.said.filter(({ kind }) => kind === 'intents')).toHaveLength(before);
});

test('a file of ours is right, whatever is heard of it from our own past', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(3), story.now);
  story.begin('two');
  story.run(5);
  story.kill('one');
  // It lost its disk, and its clock is an hour back: what it said before bears later stamps.
  const reborn = story.begin('one', { intents: [], hostKey: keyOf('new') });
  reborn.member.feed('one', [device('device-1'), device('other')], {
    ...story.now,
    wall_ms: story.now.wall_ms - 3_600_000,
  });
  story.run(10);
  expect([...reborn.member.devices().keys()].sort()).toEqual(['device-1', 'other']);
  expect(story.watchers('device-0')).toEqual([]);
});

test('an intent outlives its author: who heard it tells who comes later', () => {
  const story = new Story();
  story.begin('one').member.intend(command('router'), story.now);
  story.begin('two');
  story.run(5);
  story.kill('one');
  story.run(5);
  const three = story.begin('three');
  story.run(5);
  expect([...three.member.devices().keys()]).toEqual(['router']);
});

test('intents that were lost on their way are found by their digest and asked for', () => {
  const story = new Story();
  const one = story.begin('one');
  const two = story.begin('two');
  story.run(4);
  story.loses = ({ kind }) => kind === 'intents';
  one.member.intend(command('router'), story.now);
  two.member.intend(command('switch'), story.now);
  story.settle();
  story.loses = () => false;
  story.run(4);
  for (const { member } of [one, two]) expect([...member.devices().keys()].sort()).toEqual(['router', 'switch']);
  expect(one.member.header(story.now).intents).toBe(two.member.header(story.now).intents);
  const asked = two.said.filter(({ kind }) => kind === 'wants').length;
  story.run(10);
  expect(two.said.filter(({ kind }) => kind === 'wants')).toHaveLength(asked);
});

test('what was on disk is there after a restart, and what is older than any tombstone is dropped', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.intend(command('router'), story.now);
  story.run(1);
  story.kill('one');
  const again = story.begin('one', { written_ms: story.now.wall_ms - AWAY_LIMIT_ms });
  story.run(4);
  expect([...again.member.devices().keys()]).toEqual(['router']);
  story.kill('one');
  const late = story.begin('one', { written_ms: story.now.wall_ms - AWAY_LIMIT_ms - 1 });
  story.run(4);
  expect(late.member.devices().size).toBe(0);
  expect([...late.disk.values()].flat()).toEqual([]);
});

test('a stamp more than a day ahead is refused and told, and taken when its time has come', () => {
  const story = new Story();
  const { member, troubles } = story.begin('one');
  const ahead: Intent = {
    ...command('router'),
    stamp: { at_ms: story.now.wall_ms + 2 * DAY_ms, counter: 0, writer: 'two' },
  };
  const message = { kind: 'intents', monitor: 'two', bucket: 0, intents: [ahead] } as const;
  member.heard('mqtt', message, false, story.now);
  story.run(2);
  expect(member.devices().size).toBe(0);
  expect(troubles.get('intents')).toMatch(
    /^1 changes are refused, .* device\/router\/command was said at "two" at 2026-01-03T00:00:00.000Z: set right the clock/,
  );
  member.heard('mqtt', message, false, { ...story.now, wall_ms: story.now.wall_ms + DAY_ms });
  story.run(2);
  expect(member.devices().size).toBe(1);
  expect(troubles.size).toBe(0);
});

test('who is forgotten is purged everywhere with what its file fed, and stays so when old messages come', () => {
  const story = new Story();
  const old = story.begin('old');
  old.member.feed('old', devices(5), story.now);
  old.member.intend(command('router'), story.now);
  const one = story.begin('one');
  const two = story.begin('two');
  story.run(5);
  story.kill('old');
  story.run(5);
  one.member.intend(
    { kind: 'forget', subject: 'old', wanted: true, incarnation: one.member.incarnationOf('old') ?? 0 },
    story.now,
  );
  story.run(2);
  for (const message of old.said) two.member.heard('mqtt', message, true, story.now);
  story.run(2);
  for (const { member } of [one, two]) {
    expect(member.monitors().has('old')).toBe(false);
    expect([...member.devices().keys()]).toEqual(['router']);
    expect(member.header(story.now).seen).not.toHaveProperty('old');
  }
});

test('a monitor that is forgotten while it lives comes back as a new one', () => {
  const story = new Story();
  const one = story.begin('one');
  const two = story.begin('two');
  one.member.feed('one', devices(10), story.now);
  story.run(5);
  two.member.intend({ kind: 'forget', subject: 'one', wanted: true, incarnation: 1 }, story.now);
  story.run(8);
  expect(one.incarnation).toBe(2);
  expect(two.member.monitors().get('one')).toMatchObject({ alive: true, complete: true });
  expect(two.member.devices().size).toBe(10);
});

test('what was heard over one link is told on the others, and not again on a link that brought it', () => {
  const patience = [
    { link: 'mqtt', silence_ms: 3_000 },
    { link: 'antidote', silence_ms: 150_000 },
  ];
  const story = new Story();
  const { member } = story.begin('one', { patience });
  story.run(1);
  const intent: Intent = { ...command('router'), stamp: { at_ms: story.now.wall_ms, counter: 0, writer: 'two' } };
  const effects: Effect[] = [];
  member.heard(
    'mqtt',
    { kind: 'intents', monitor: 'two', bucket: bucketOf('router'), intents: [intent] },
    false,
    story.now,
  );
  for (let second = 0; second < 8; second += 1) {
    member.advance({ ...story.now, monotonic_ms: story.now.monotonic_ms + second * 1_000 });
    effects.push(...member.effects());
  }
  const said = effects.flatMap((effect) => (effect.kind === 'say' && effect.message.kind === 'intents' ? effect : []));
  expect(said.map(({ links }) => links)).toEqual([['antidote']]);
  expect(effects.filter(({ kind }) => kind === 'store')).toHaveLength(1);
});

test('all that a file feeds at once bears one stamp, so that it can be said once', () => {
  const story = new Story();
  const { member, disk } = story.begin('one');
  member.feed('one', devices(20), story.now);
  story.run(1);
  const stamps = [...disk.values()].flat().map(({ stamp }) => JSON.stringify(stamp));
  expect([stamps.length, new Set(stamps).size]).toEqual([20, 1]);
  member.feed('one', [device('device-0', { name: 'new' })], story.now);
  story.run(1);
  const later = [...disk.values()].flat().map(({ stamp }) => JSON.stringify(stamp));
  expect([later.length, new Set(later).size, later.includes(stamps[0] as string)]).toEqual([20, 1, false]);
});

test('a start writes nothing to a disk that holds it already', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(20), story.now);
  story.run(1);
  story.kill('one');
  const { disk } = one;
  const before = [...disk.values()];
  const again = story.begin('one');
  again.member.feed('one', devices(20), story.now);
  story.run(10);
  expect([...again.disk.values()].every((bucket, at) => bucket === before[at])).toBe(true);
});
