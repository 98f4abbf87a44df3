import { expect, test } from 'vitest';
import { type Actor, devices, Story } from './story.ts';

const PATIENCE = [
  { link: 'serf', silence_ms: Infinity },
  { link: 'mqtt', silence_ms: 150_000 },
];

/** Two monitors that share some devices, and hear of each other over a slow source only. */
function pair(): { story: Story; one: Actor } {
  const story = new Story();
  const one = story.begin('one', { patience: PATIENCE });
  story.begin('two', { patience: PATIENCE });
  one.member.feed('one', devices(20), story.now);
  story.run(400);
  expect(one.member.monitors().get('two')).toMatchObject({ alive: true });
  return { story, one };
}

function say(story: Story, { member }: Actor, monitor: string, alive: boolean, stored = false): void {
  member.heard('serf', { kind: 'life', monitor, alive }, stored, story.now);
}

const isAlive = ({ member }: Actor): boolean | undefined => member.monitors().get('two')?.alive;

test('who died is taken for dead as soon as that is said, long before its silence tells', () => {
  const { story, one } = pair();
  story.kill('two');
  story.run(5);
  expect(isAlive(one)).toBe(true);
  say(story, one, 'two', false);
  story.run(5);
  expect(isAlive(one)).toBe(false);
  expect([...one.member.devices().values()].every(({ held }) => held.includes('one'))).toBe(true);
});

test('a word that was kept tells of no death', () => {
  const { story, one } = pair();
  say(story, one, 'two', false, true);
  story.run(5);
  expect(isAlive(one)).toBe(true);
});

test('a word on a host where no monitor is known makes none, and is forgotten', () => {
  const { story, one } = pair();
  say(story, one, 'nobody', true);
  say(story, one, 'somebody', false);
  story.run(5);
  expect([one.member.hasHeardOf('nobody'), one.member.hasHeardOf('somebody')]).toEqual([false, false]);
});

test('a word on this host itself counts for nothing', () => {
  const { story, one } = pair();
  say(story, one, 'one', false);
  story.run(5);
  expect(one.member.monitors().get('one')).toMatchObject({ alive: true });
  expect(isAlive(one)).toBe(true);
});

test('the words of a link that is lost are taken back, and nobody dies of it', () => {
  const { story, one } = pair();
  say(story, one, 'two', true);
  story.run(2);
  expect(one.member.monitors().get('two')?.links).toContain('serf');
  one.member.connected('serf', false, story.now);
  story.run(2);
  expect(one.member.monitors().get('two')).toMatchObject({ alive: true, links: ['mqtt'] });
});

test('before the first decision a word on others has nobody waited for', () => {
  const story = new Story();
  const one = story.begin('one', {
    alone: true,
    patience: [
      { link: 'mqtt', silence_ms: 3_000 },
      { link: 'serf', silence_ms: Infinity },
    ],
  });
  say(story, one, 'nobody', true);
  story.run(1);
  expect(one.member.decides).toBe(true);
});
