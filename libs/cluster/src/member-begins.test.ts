import { describe, expect, test } from 'vitest';
import type { LinkMessage } from './link.ts';
import { devices, Story } from './story.ts';

/** Two monitors share so many devices; all that they said is kept for a third. */
function sharing(count: number): { readonly story: Story; readonly kept: readonly LinkMessage[] } {
  const story = new Story();
  const one = story.begin('one');
  const two = story.begin('two');
  one.member.feed('one', devices(count), story.now);
  story.run(5);
  const kept = [...one.said, ...two.said].filter(({ kind }) => kind === 'bucket' || kind === 'intents');
  const headers = [one, two].flatMap(({ said }) => said.filter(({ kind }) => kind === 'header').slice(-1));
  return { story, kept: [...headers, ...kept] };
}

/** The most devices that a monitor watches while time goes by. */
function mostWatched(story: Story, self: string, seconds: number): number {
  let most = 0;
  for (let step = 0; step < seconds * 20; step += 1) {
    story.run(0.05);
    most = Math.max(most, story.loads()[self] ?? 0);
  }
  return most;
}

describe.each([
  ['an empty disk', true],
  ['a disk that knows of others', false],
])('a monitor with %s', (_, alone) => {
  test('that is told what was stored for longer than beats are waited for claims no more than its share', () => {
    const { story, kept } = sharing(60);
    let telling = true;
    story.loses = (_message, _from, to) => telling && to === 'three';
    const { member } = story.begin('three', { alone, capacity: 100 });
    let most = 0;
    for (const message of kept) {
      most = Math.max(most, mostWatched(story, 'three', 0.1));
      member.heard('mqtt', message, true, story.now);
    }
    expect(kept.length * 0.1).toBeGreaterThan(4);
    telling = false;
    expect(Math.max(most, mostWatched(story, 'three', 8))).toBeLessThan(40);
    expect(story.loads()['three']).toBeGreaterThan(10);
    for (const { device } of devices(60)) expect(story.watchers(device)).toHaveLength(1);
  });

  test('whose links stand only after the wait claims no more than its share', () => {
    const { story, kept } = sharing(60);
    story.loses = (_message, _from, to) => to === 'three';
    const { member } = story.begin('three', { alone });
    member.connected('mqtt', false, story.now);
    expect(mostWatched(story, 'three', 6)).toBe(0);
    member.connected('mqtt', true, story.now, 2);
    for (const message of kept) member.heard('mqtt', message, true, story.now);
    story.loses = () => false;
    expect(mostWatched(story, 'three', 6)).toBeLessThan(40);
    expect(story.loads()['three']).toBeGreaterThan(10);
  });

  test('that reaches nobody watches all by itself in the end', () => {
    const story = new Story();
    const { member } = story.begin('one', { alone });
    member.connected('mqtt', false, story.now);
    member.feed('one', devices(5), story.now);
    story.run(30);
    expect([member.decides, story.loads()]).toEqual([false, { one: 0 }]);
    story.run(4);
    expect([member.decides, story.loads()]).toEqual([true, { one: 5 }]);
  });
});

test('a monitor with an empty disk that is told nothing watches in a moment', () => {
  const story = new Story();
  story.begin('one', { alone: true }).member.feed('one', devices(5), story.now);
  story.run(0.6);
  expect(story.loads()).toEqual({ one: 5 });
});

test('three with empty disks that begin together share from the start', () => {
  const story = new Story();
  for (const self of ['one', 'two', 'three'])
    story.begin(self, { alone: true }).member.feed(self, devices(60), story.now);
  let most = 0;
  for (let step = 0; step < 100; step += 1) {
    story.run(0.05);
    most = Math.max(most, ...Object.values(story.loads()));
  }
  expect(most).toBeLessThan(40);
  expect(Object.values(story.loads()).reduce((sum, load) => sum + load, 0)).toBe(60);
});
