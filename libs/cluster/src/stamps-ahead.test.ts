import type { Intent } from '@guaita/model';
import { expect, test } from 'vitest';
import { bucketOf } from './hash.ts';
import { device, Story } from './story.ts';

const YEAR_ms = 365 * 24 * 3_600_000;

function command(id: string) {
  return { kind: 'device', subject: id, feeder: 'command', wanted: true, device: device(id) } as const;
}

function said(id: string, writer: string, at_ms: number): Intent {
  return { ...command(id), stamp: { at_ms, counter: 0, writer } };
}

test('a monitor whose clock once was a year ahead says at once what others take, and soon what it said then', () => {
  const story = new Story();
  const intents = [said('router', 'one', story.now.wall_ms + YEAR_ms)];
  const one = story.begin('one', { intents });
  const two = story.begin('two');
  story.run(4);
  one.member.intend(command('switch'), story.now);
  story.run(6);
  expect([...one.member.devices().keys()].sort()).toEqual(['router', 'switch']);
  expect([...two.member.devices().keys()]).toEqual(['switch']);
  expect(one.troubles.get('intents')).toMatch(/^1 changes that are kept here .* device\/router\/command .* "one"/);
  story.run(605);
  expect([...two.member.devices().keys()].sort()).toEqual(['router', 'switch']);
  expect(one.troubles.size + two.troubles.size).toBe(0);
  expect(one.member.header(story.now).intents).toBe(two.member.header(story.now).intents);
  for (const { stamp } of [...one.disk.values()].flat()) expect(stamp.at_ms).toBeLessThanOrEqual(story.now.wall_ms);
});

test('a change of what bears a stamp that is ahead counts here at once', () => {
  const story = new Story();
  const one = story.begin('one', { intents: [said('router', 'one', story.now.wall_ms + YEAR_ms)] });
  story.run(4);
  one.member.intend({ kind: 'device', subject: 'router', feeder: 'command', wanted: false }, story.now);
  story.run(2);
  expect(one.member.devices().size).toBe(0);
});

test('a monitor that begins in the past loses nothing, says nothing anew, and takes what it refused when its time has come', () => {
  const story = new Story();
  const { wall_ms } = story.now;
  const kept = [said('router', 'one', wall_ms), said('switch', 'two', wall_ms)];
  const past = (monotonic_ms: number) => ({ monotonic_ms, wall_ms: monotonic_ms });
  const { member } = story.begin('one', { intents: kept });
  member.start(past(0));
  const heard = said('printer', 'two', wall_ms + 1);
  const message = { kind: 'intents', monitor: 'two', bucket: bucketOf('printer'), intents: [heard] } as const;
  member.heard('mqtt', message, false, past(0));
  for (const at_ms of [1_000, 5_000, 700_000]) member.advance(past(at_ms));
  expect([...member.devices().keys()].sort()).toEqual(['router', 'switch']);
  const stored = member.effects().flatMap((effect) => (effect.kind === 'store' ? [...effect.intents] : []));
  expect(stored.filter(({ stamp }) => stamp.at_ms < wall_ms)).toEqual([]);
  member.advance({ monotonic_ms: 701_000, wall_ms: wall_ms + 10 });
  member.advance({ monotonic_ms: 702_100, wall_ms: wall_ms + 1_110 });
  expect([...member.devices().keys()].sort()).toEqual(['printer', 'router', 'switch']);
  const problems = member.effects().flatMap((effect) => (effect.kind === 'trouble' ? [effect] : []));
  expect(problems.at(-1)).toMatchObject({ about: 'intents', problem: undefined });
});
