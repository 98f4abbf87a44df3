import { expect, test } from 'vitest';
import { devices, Story } from './story.ts';

test('two monitors meet and share the devices; a third joins, and no device is ever without a watcher', () => {
  const story = new Story();
  story.begin('one').member.feed('one', devices(60), story.now);
  story.begin('two');
  story.run(3.5);
  expect(story.watchedOtherwise(60, 1)).toEqual([]);
  expect(Math.min(...Object.values(story.loads()))).toBeGreaterThan(15);
  story.begin('three');
  for (let step = 0; step < 120; step += 1) {
    story.run(0.05);
    expect(story.unwatched(60)).toEqual([]);
  }
  expect(story.watchedOtherwise(60, 1)).toEqual([]);
  expect(story.loads()['three']).toBeGreaterThan(8);
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
    expect(story.unwatched(40)).toEqual([]);
  }
  expect(story.watchedOtherwise(40, 1)).toEqual([]);
  expect(story.loads()['three']).toBeGreaterThan(5);
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
    expect(story.unwatched(40)).toEqual([]);
  }
  expect(story.watchedOtherwise(40, 1)).toEqual([]);
  expect(watching.size).toBeGreaterThan(8);
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
  expect(story.watchedOtherwise(30, 1)).toEqual([]);
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
  expect(story.watchedOtherwise(30, 1)).toEqual([]);
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
  expect(story.watchedOtherwise(30, 1)).toEqual([]);
});

test('a drain hands everything over first, and ends when it is taken back', () => {
  const story = new Story();
  story.begin('one').member.feed('one', devices(30), story.now);
  const two = story.begin('two');
  story.run(6);
  two.member.intend({ kind: 'drain', subject: 'one', wanted: true }, story.now);
  for (let step = 0; step < 60; step += 1) {
    story.run(0.05);
    expect(story.unwatched(30)).toEqual([]);
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
