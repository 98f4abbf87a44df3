import { expect, test } from 'vitest';
import { devices, Story } from './story.ts';

test('an outage that one monitor sees is no news of the others, who would all have to tell it', () => {
  const story = new Story();
  const { member: one } = story.begin('one');
  const { member: two } = story.begin('two');
  one.feed('one', devices(20), story.now);
  story.run(10);
  const [claimed = ''] = [...two.devices()].filter(([, { held }]) => held.includes('two')).map(([device]) => device);
  const { version } = two.header(story.now).claims;

  two.sees(claimed, 'down', story.now);
  story.run(5);
  expect(two.header(story.now).claims.version).toBeGreaterThan(version);
  expect(one.monitors().get('two')).toMatchObject({ complete: true });
  expect(one.header(story.now).seen).toEqual({});
});
