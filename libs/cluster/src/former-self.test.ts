import type { Intent } from '@guaita/model';
import { expect, test } from 'vitest';
import { bucketOf } from './hash.ts';
import { AWAY_LIMIT_ms } from './intents.ts';
import { device, devices, Story } from './story.ts';

test('a monitor whose disk was lost, and that begins with an incarnation that is known, is heard again', () => {
  for (const claimed of [0, 20]) {
    const story = new Story();
    const one = story.begin('one').member;
    story.begin('two');
    one.feed('one', devices(claimed), story.now);
    story.run(5);
    story.kill('two');
    story.run(4);
    expect(one.monitors().get('two')).toMatchObject({ alive: false });
    const { member } = story.begin('two', { incarnation: 1, hostKey: 'f'.repeat(32), intents: [] });
    story.run(6);
    expect(one.monitors().get('two')).toMatchObject({ alive: true, complete: true });
    expect(member.header(story.now).incarnation).toBeGreaterThan(1);
    for (const { device: id } of devices(claimed)) expect(story.watchers(id)).toHaveLength(1);
    expect(one.header(story.now).seen).toEqual({});
  }
});

test('a monitor that begins again with the very incarnation it had is heard again, whatever its beats are', () => {
  // Below and above those of its former self.
  for (const random of [0.1, 0.9]) {
    const story = new Story();
    const one = story.begin('one').member;
    story.begin('two');
    one.feed('one', devices(20), story.now);
    story.run(5);
    story.kill('two');
    story.run(4);
    const { member } = story.begin('two', { incarnation: 1, random: () => random });
    story.run(8);
    expect(one.monitors().get('two')).toMatchObject({ alive: true, complete: true });
    expect(member.header(story.now).incarnation).toBeGreaterThan(1);
    for (const { device: id } of devices(20)) expect(story.watchers(id)).toHaveLength(1);
  }
});

test('who was away for too long believes what is said now, not what a broker kept for it', () => {
  const story = new Story();
  const wall_ms = story.now.wall_ms - AWAY_LIMIT_ms - 1;
  const old: Intent = {
    ...{ kind: 'device', subject: 'router', feeder: 'command', wanted: true, device: device('router') },
    stamp: { at_ms: wall_ms, counter: 0, writer: 'two' },
  };
  const { member } = story.begin('one', { intents: [old], written_ms: wall_ms });
  const message = { kind: 'intents', monitor: 'two', bucket: bucketOf('router'), intents: [old] } as const;
  member.heard('mqtt', message, true, story.now);
  story.run(4);
  expect(member.devices().has('router')).toBe(false);
  member.heard('mqtt', message, false, story.now);
  story.run(1);
  expect(member.devices().has('router')).toBe(true);
});

test('a monitor that lost its disk is heard again, also when only the end of its former self is known', () => {
  const story = new Story();
  const one = story.begin('one').member;
  story.begin('two');
  story.run(5);
  story.kill('two');
  one.heard('mqtt', { kind: 'offline', monitor: 'two', incarnation: 7, session: 1 }, false, story.now);
  story.run(4);
  const { member } = story.begin('two', { incarnation: 1, hostKey: 'f'.repeat(32), intents: [] });
  story.run(8);
  expect(member.header(story.now).incarnation).toBeGreaterThan(7);
  expect(one.monitors().get('two')).toMatchObject({ alive: true, complete: true });
});

test('a bucket of another life under our id and incarnation makes ours greater, an echo of our own does not', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.feed('one', devices(5), story.now);
  story.run(5);
  const own = one.said.flatMap((message) => (message.kind === 'bucket' ? [message] : []));
  expect(own).not.toEqual([]);
  for (const message of own) one.member.heard('mqtt', structuredClone(message), true, story.now);
  story.run(3);
  expect(one.incarnation).toBe(1);
  const last = own.at(-1) as (typeof own)[number];
  for (const [n, content] of [
    { ...last.content, claims: {} },
    { ...last.content, version: 1_000 },
  ].entries()) {
    one.member.heard('mqtt', { ...last, content: { ...content, incarnation: n + 1 } }, true, story.now);
    story.run(3);
    expect(one.incarnation).toBe(n + 2);
  }
});
