import { expect, test } from 'vitest';
import { Story } from './story.ts';

test('a monitor of which only an end is known was heard of, and is known by the incarnation that ended', () => {
  const story = new Story();
  const { member } = story.begin('one');
  expect(member.hasHeardOf('two')).toBe(false);
  expect(member.incarnationOf('two')).toBeUndefined();
  member.heard('mqtt', { kind: 'offline', monitor: 'two', incarnation: 4, session: 2 }, true, story.now);
  expect(member.hasHeardOf('two')).toBe(true);
  expect(member.incarnationOf('two')).toBe(4);
  expect(member.monitors().has('two')).toBe(false);
});

test('a device may be watched where one live monitor, this one too, fits its placement', () => {
  const story = new Story();
  const { member } = story.begin('one', { site: 'home' });
  expect(member.mayBeWatched({ only_sites: ['home'] })).toBe(true);
  expect(member.mayBeWatched({ only_sites: ['attic'] })).toBe(false);
  story.begin('two', { site: 'attic', tags: ['lte'] });
  story.run(5);
  expect(member.mayBeWatched({ only_sites: ['attic'] })).toBe(true);
  expect(member.mayBeWatched({ only_sites: ['home'], only_tags: ['lte'] })).toBe(false);
  story.kill('two');
  story.run(5);
  expect(member.mayBeWatched({ only_sites: ['attic'] })).toBe(false);
});
