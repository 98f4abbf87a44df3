import { type Header, INCARNATION_MAX, type Id } from '@guaita/model';
import { describe, expect, test } from 'vitest';
import { LEAP_MOST } from './believable.ts';
import { bucketOf } from './hash.ts';
import type { LinkMessage } from './link.ts';
import { type Actor, devices, Story } from './story.ts';

/** Two monitors that share some devices and know each other. */
function pair(): { story: Story; one: Actor; two: Actor } {
  const story = new Story();
  const one = story.begin('one');
  const two = story.begin('two');
  one.member.feed('one', devices(20), story.now);
  story.run(6);
  return { story, one, two };
}

function hear(story: Story, { member }: Actor, message: LinkMessage, stored = false): void {
  member.heard('mqtt', message, stored, story.now);
}

/** What somebody says in the name of a monitor: its own header, but for some of it. */
function forged({ member }: Actor, story: Story, changes: Partial<Header>): LinkMessage {
  return { kind: 'header', monitor: 'two', header: { ...member.header(story.now), ...changes } };
}

/** The seconds, of so many, in which one takes the other for dead. */
function deadFor(story: Story, { member }: Actor, monitor: Id, seconds: number): number {
  let dead = 0;
  for (let second = 0; second < seconds; second += 1) {
    story.run(1);
    if (member.monitors().get(monitor)?.alive !== true) dead += 1;
  }
  return dead;
}

const FAR: readonly (readonly [string, Partial<Header>])[] = [
  ['the last incarnation', { incarnation: INCARNATION_MAX }],
  ['another host and the last incarnation but one', { incarnation: INCARNATION_MAX - 1, host_key: 'f'.repeat(32) }],
  ['the last beat', { beat: Number.MAX_SAFE_INTEGER }],
];

describe('a header that is made up in the name of a monitor that lives, with', () => {
  test.each(FAR)('%s, is not followed, and trouble names it', (_, changes) => {
    const { story, one, two } = pair();
    hear(story, one, forged(two, story, changes));
    expect(deadFor(story, one, 'two', 8)).toBe(0);
    const problem = one.troubles.get('monitors');
    for (const part of ['"two"', `incarnation ${changes.incarnation ?? 1}`, 'over mqtt', 'find who makes it up'])
      expect(problem).toContain(part);
    story.run(600);
    expect(one.troubles.get('monitors')).toBeUndefined();
    expect(two.incarnation).toBe(1);
  });

  test.each<[string, Partial<Header>]>([
    ['an incarnation that could be', { incarnation: LEAP_MOST }],
    ['a beat that could be', { beat: 2 ** 39 + 2 ** 20 }],
  ])('%s, silences it for no longer than it takes it to answer', (_, changes) => {
    const { story, one, two } = pair();
    hear(story, one, forged(two, story, changes));
    expect(deadFor(story, one, 'two', 30)).toBeLessThan(10);
    expect(one.member.monitors().get('two')).toMatchObject({ alive: true, complete: true });
    expect(two.incarnation).toBeGreaterThan(1);
  });
});

test.each(FAR)('what was made up of a monitor while it was away, with %s, gives way when it is back', (_, changes) => {
  for (const stored of [false, true]) {
    const story = new Story();
    const one = story.begin('one');
    const other = new Story().begin('two');
    one.member.feed('one', devices(20), story.now);
    hear(story, one, forged(other, story, changes), stored);
    hear(story, one, { kind: 'offline', monitor: 'two', incarnation: INCARNATION_MAX, session: 1 });
    story.run(6);
    story.begin('two');
    story.run(15);
    expect(one.member.monitors().get('two')).toMatchObject({ alive: true, complete: true });
    expect(story.watchedOtherwise(20, 1)).toEqual([]);
  }
});

test('a goodbye with an incarnation that nobody has silences nobody', () => {
  const { story, one } = pair();
  hear(story, one, { kind: 'offline', monitor: 'two', incarnation: INCARNATION_MAX, session: 1 });
  expect(deadFor(story, one, 'two', 20)).toBe(0);
});

test('a goodbye that is made up in the very session of a monitor that lives silences it no longer than it takes it to answer', () => {
  const { story, one, two } = pair();
  for (const session of [1, Number.MAX_SAFE_INTEGER]) {
    hear(story, one, { kind: 'offline', monitor: 'two', incarnation: two.incarnation, session });
    expect(deadFor(story, one, 'two', 30)).toBeLessThan(15);
    expect(one.member.monitors().get('two')).toMatchObject({ alive: true, complete: true });
  }
});

test('to forget a monitor up to an incarnation that nobody has is followed by nobody, and trouble names it', () => {
  const { story, one, two } = pair();
  const stamp = { at_ms: story.now.wall_ms, counter: 0, writer: 'one' };
  for (const incarnation of [2 ** 48, LEAP_MOST + 1]) {
    const intent = { kind: 'forget', subject: 'two', wanted: true, incarnation, stamp } as const;
    for (const actor of [one, two])
      hear(story, actor, { kind: 'intents', monitor: 'three', bucket: bucketOf('two'), intents: [intent] });
    expect(deadFor(story, one, 'two', 10)).toBe(0);
    for (const part of ['"two"', String(incarnation), 'is not followed', 'find who makes it up'])
      expect(one.troubles.get('intents')).toContain(part);
  }
  expect(two.incarnation).toBe(1);
});

test('a monitor that is forgotten up to any incarnation that is followed comes back', () => {
  const { story, one, two } = pair();
  one.member.intend({ kind: 'forget', subject: 'two', wanted: true, incarnation: LEAP_MOST }, story.now);
  story.run(10);
  expect(one.member.monitors().get('two')).toMatchObject({ alive: true, complete: true });
  expect(two.incarnation).toBe(LEAP_MOST + 1);
  expect(story.watchedOtherwise(20, 1)).toEqual([]);
});

test('what was made up of a monitor that is none is forgotten, and nothing is said that others would not follow', () => {
  const { story, one, two } = pair();
  const { header } = forged(two, story, { incarnation: INCARNATION_MAX }) as Extract<LinkMessage, { kind: 'header' }>;
  hear(story, one, { kind: 'header', monitor: 'nobody', header });
  story.run(10);
  expect(one.member.monitors().get('nobody')).toMatchObject({ alive: false });
  const incarnation = one.member.incarnationOf('nobody') as number;
  expect(incarnation).toBe(LEAP_MOST);
  one.member.intend({ kind: 'forget', subject: 'nobody', wanted: true, incarnation }, story.now);
  story.run(2);
  expect(one.member.monitors().has('nobody')).toBe(false);
});

test('nobody is taken for a monitor who is called as commands are', () => {
  const { story, one, two } = pair();
  const { header } = forged(two, story, {}) as Extract<LinkMessage, { kind: 'header' }>;
  hear(story, one, { kind: 'header', monitor: 'command', header });
  hear(story, one, { kind: 'life', monitor: 'command', alive: true });
  story.run(2);
  expect(one.member.monitors().has('command')).toBe(false);
});
