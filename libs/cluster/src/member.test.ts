import { expect, test } from 'vitest';
import { device, devices, Story } from './story.ts';

test('a monitor with no links watches all its devices at once', () => {
  const story = new Story();
  const { member } = story.begin('one', { patience: [] });
  member.feed('one', devices(5), story.now);
  story.settle();
  expect(story.loads()).toEqual({ one: 5 });
});

test('a monitor that is not probing, or is isolated, watches nothing new and hands over what it has', () => {
  const story = new Story();
  const { member } = story.begin('one');
  story.begin('two');
  member.feed('one', devices(20), story.now);
  story.run(6);
  member.facts({ probing: true, probe_age_s: 1, isolated: true }, story.now);
  story.run(2);
  expect(story.loads()).toEqual({ one: 0, two: 20 });
  member.facts({ probing: true, probe_age_s: 1, isolated: false }, story.now);
  story.run(3);
  expect(story.loads()['one']).toBeGreaterThan(5);
  expect(story.watchedOtherwise(20, 1)).toEqual([]);
});

test('one dies: its devices are taken over in the moment when its silence has lasted 3 s', () => {
  const story = new Story();
  story.begin('one').member.feed('one', devices(30), story.now);
  const { member } = story.begin('two');
  story.run(5);
  const lost = devices(30).flatMap(({ device }) => (story.watchers(device)[0] === 'one' ? [device] : []));
  expect(lost.length).toBeGreaterThan(5);
  story.kill('one');
  story.run(1.9);
  expect(lost.flatMap((id) => story.watchers(id))).toEqual([]);
  story.run(1.2);
  expect(story.loads()).toEqual({ two: 30 });
  expect(member.monitors().get('one')).toMatchObject({ alive: false, links: [] });
});

test('a will that is heard lets others take over at once; an older session’s will changes nothing', () => {
  const story = new Story();
  story.begin('one').member.feed('one', devices(10), story.now);
  const { member } = story.begin('two');
  story.run(5);
  const shared = story.loads();
  member.heard('mqtt', { kind: 'offline', monitor: 'one', incarnation: 1, session: 0 }, false, story.now);
  story.settle();
  expect(story.loads()).toEqual(shared);
  member.heard('mqtt', { kind: 'offline', monitor: 'one', incarnation: 1, session: 1 }, false, story.now);
  story.kill('one');
  story.settle();
  expect(story.loads()).toEqual({ two: 10 });
});

test('each device is watched by as many as the policy says, and polled by SNMP by one of them', () => {
  const story = new Story();
  const policy = { monitors_per_device: 2, snmp_per_device: 1, mode: 'spread' } as const;
  const actors = ['one', 'two', 'three'].map((self) => story.begin(self, { policy }));
  actors[0]?.member.feed('one', devices(30), story.now);
  story.run(6);
  expect(story.watchedOtherwise(30, 2)).toEqual([]);
  const pollers = (id: string) => actors.filter(({ watching, alive }) => alive && watching.get(id) === true).length;
  expect(devices(30).filter(({ device }) => pollers(device) !== 1)).toEqual([]);
  story.kill('three');
  story.run(4);
  expect(story.watchedOtherwise(30, 2)).toEqual([]);
  expect(devices(30).filter(({ device }) => pollers(device) !== 1)).toEqual([]);
});

test('a device that no monitor may watch, or has room for, is told of with nobody beside it', () => {
  const story = new Story();
  const { member } = story.begin('one', { capacity: 3 });
  member.feed('one', [...devices(4), device('elsewhere', { placement: { only_sites: ['attic'] } })], story.now);
  story.run(4);
  const views = [...member.devices().values()];
  expect(views.filter(({ held }) => held.length === 0)).toHaveLength(2);
  expect(member.devices().get('elsewhere')).toMatchObject({ planned: [], held: [], leaving: [] });
});

test('a monitor that lost its disk is told by the others that it lived before, and raises its incarnation', () => {
  const story = new Story();
  story.begin('one', { incarnation: 7 }).member.feed('one', devices(10), story.now);
  story.begin('two');
  story.run(6);
  story.kill('one');
  story.run(1);
  const reborn = story.begin('one', { incarnation: 1, intents: [] });
  story.run(6);
  expect(reborn.incarnation).toBe(8);
  expect(story.watchedOtherwise(10, 1)).toEqual([]);
  expect(reborn.watching.size).toBeGreaterThan(0);
});

test('two that never hear each other watch everything each; when they meet, each watches its share', () => {
  const story = new Story();
  story.begin('one').member.feed('one', devices(20), story.now);
  story.begin('two').member.feed('two', devices(20), story.now);
  story.loses = () => true;
  story.run(10);
  expect(story.loads()).toEqual({ one: 20, two: 20 });
  story.loses = () => false;
  story.run(5);
  expect(story.watchedOtherwise(20, 1)).toEqual([]);
});

test('a stored header tells of a monitor, not that it lives', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(10), story.now);
  story.run(4);
  story.kill('one');
  const said = [...one.said];
  const two = story.begin('two');
  for (const message of said) two.member.heard('mqtt', message, true, story.now);
  story.run(4);
  expect(two.member.monitors().get('one')).toMatchObject({ alive: false, held: 10 });
  expect(story.loads()).toEqual({ two: 10 });
});

test('“command” is no id for a monitor', () => {
  const story = new Story();
  expect(() => story.begin('command')).toThrow(/"command" cannot be the id of a monitor/);
});
