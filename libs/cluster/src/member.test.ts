import { expect, test } from 'vitest';
import { device, devices, Story } from './story.ts';

const everyOne = (count: number) => devices(count).map(({ device }) => device);

function watchedBy(story: Story, count: number, times: number): void {
  for (const id of everyOne(count)) expect([id, story.watchers(id).length]).toEqual([id, times]);
}

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
  watchedBy(story, 20, 1);
});

test('two monitors meet and share the devices; a third joins, and no device is ever without a watcher', () => {
  const story = new Story();
  story.begin('one').member.feed('one', devices(60), story.now);
  story.begin('two');
  story.run(3.5);
  watchedBy(story, 60, 1);
  expect(Math.min(...Object.values(story.loads()))).toBeGreaterThan(15);
  story.begin('three');
  for (let step = 0; step < 120; step += 1) {
    story.run(0.05);
    for (const id of everyOne(60)) expect([id, story.watchers(id)]).not.toEqual([id, []]);
  }
  watchedBy(story, 60, 1);
  expect(story.loads()['three']).toBeGreaterThan(8);
});

test('one dies: its devices are taken over in the moment when its silence has lasted 3 s', () => {
  const story = new Story();
  story.begin('one').member.feed('one', devices(30), story.now);
  const { member } = story.begin('two');
  story.run(5);
  const lost = everyOne(30).filter((id) => story.watchers(id)[0] === 'one');
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
  watchedBy(story, 30, 2);
  const pollers = (id: string) => actors.filter(({ watching, alive }) => alive && watching.get(id) === true).length;
  for (const id of everyOne(30)) expect([id, pollers(id)]).toEqual([id, 1]);
  story.kill('three');
  story.run(4);
  watchedBy(story, 30, 2);
  for (const id of everyOne(30)) expect([id, pollers(id)]).toEqual([id, 1]);
});

test('full monitors still make way for one that joins, and none stands more than a tenth above its capacity', () => {
  const story = new Story();
  const options = { capacity: 20 };
  story.begin('one', options).member.feed('one', devices(40), story.now);
  story.begin('two', options);
  story.run(6);
  expect(story.loads()).toEqual({ one: 20, two: 20 });
  story.begin('three', options);
  for (let step = 0; step < 200; step += 1) {
    story.run(0.05);
    expect(Math.max(...Object.values(story.loads()))).toBeLessThanOrEqual(22);
    for (const id of everyOne(40)) expect([id, story.watchers(id)]).not.toEqual([id, []]);
  }
  watchedBy(story, 40, 1);
  expect(story.loads()['three']).toBeGreaterThan(5);
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

test('a monitor that restarts claims nothing until it could hear the others, and is left nothing until then', () => {
  const story = new Story();
  story.begin('one').member.feed('one', devices(40), story.now);
  story.begin('two');
  story.run(6);
  story.kill('one');
  story.run(0.5);
  const { watching } = story.begin('one');
  story.run(0.2);
  expect(story.loads()).toEqual({ one: 0, two: 40 });
  story.run(2.5);
  expect(watching.size).toBe(0);
  for (let step = 0; step < 60; step += 1) {
    story.run(0.05);
    for (const id of everyOne(40)) expect([id, story.watchers(id)]).not.toEqual([id, []]);
  }
  watchedBy(story, 40, 1);
  expect(watching.size).toBeGreaterThan(8);
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
  watchedBy(story, 10, 1);
  expect(reborn.watching.size).toBeGreaterThan(0);
});

test('a copy that lacks a bucket counts for nothing, and is made whole by asking', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(30), story.now);
  const two = story.begin('two');
  let lost = 0;
  story.loses = (message, _, to) => message.kind === 'bucket' && to === 'two' && (lost += 1) < 10;
  story.run(3.2);
  expect(lost).toBeGreaterThan(5);
  expect(two.member.monitors().get('one')).toMatchObject({ alive: true });
  story.run(4);
  expect(two.said.some((message) => message.kind === 'wants' && message.peer === 'one')).toBe(true);
  expect(two.member.monitors().get('one')).toMatchObject({ complete: true });
  watchedBy(story, 30, 1);
});

test('nothing is released on the word of a copy that is not complete', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(30), story.now);
  story.run(4);
  // The newcomer’s headers come through, its claims do not: what it holds is not known.
  story.loses = (message) => message.kind === 'bucket' && message.monitor === 'two';
  story.begin('two');
  story.run(20);
  expect(one.watching.size).toBe(30);
  expect(one.member.header(story.now).claims.count).toBe(30);
  story.loses = () => false;
  story.run(4);
  watchedBy(story, 30, 1);
});

test('nothing is released to one that has not seen that we leave', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(30), story.now);
  story.run(4);
  story.loses = (message) => message.kind === 'bucket' && message.monitor === 'one';
  story.begin('two');
  story.run(20);
  expect(one.watching.size).toBe(30);
  story.loses = () => false;
  story.run(4);
  watchedBy(story, 30, 1);
});

test('a drain hands everything over first, and ends when it is taken back', () => {
  const story = new Story();
  story.begin('one').member.feed('one', devices(30), story.now);
  const two = story.begin('two');
  story.run(6);
  two.member.intend({ kind: 'drain', subject: 'one', wanted: true }, story.now);
  for (let step = 0; step < 60; step += 1) {
    story.run(0.05);
    for (const id of everyOne(30)) expect([id, story.watchers(id)]).not.toEqual([id, []]);
  }
  expect(story.loads()).toEqual({ one: 0, two: 30 });
  expect(two.member.monitors().get('one')).toMatchObject({ draining: true, alive: true });
  two.member.intend({ kind: 'drain', subject: 'one', wanted: false }, story.now);
  story.run(3);
  expect(story.loads()['one']).toBeGreaterThan(5);
});

test('the last monitor that could watch keeps its devices, even when it is drained', () => {
  const story = new Story();
  const { member, watching } = story.begin('one');
  member.feed('one', devices(5), story.now);
  story.run(4);
  member.intend({ kind: 'drain', subject: 'one', wanted: true }, story.now);
  story.run(10);
  expect(watching.size).toBe(5);
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
  watchedBy(story, 20, 1);
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
