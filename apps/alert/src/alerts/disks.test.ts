import { expect, it } from 'vitest';
import { alertId } from './id.ts';
import { Story } from './story.ts';

function scene(): Story {
  const story = new Story();
  for (const monitor of ['a', 'b', 'c']) story.monitor(monitor);
  expect(story.news()).toEqual([]);
  return story;
}

it('tells that a disk becomes full, that history is given up, and that there is room again', () => {
  const story = scene();
  story.disk('a', 'ok');
  story.run(60);
  story.disk('a', 'low');
  story.run(3_600);
  expect(story.news()).toEqual([
    'monitor-disk-low: The disk of monitor a is nearly full since 12:01 UTC, with 900 MB of 32.0 GB left: the oldest measurements are given up next',
  ]);
  expect(story.said[0]).toMatchObject({
    ...{ id: alertId('monitor-disk-low', 'a', Date.parse('2026-03-01T12:01:00Z') / 1000), severity: 'warning' },
    ...{ subject: 'a', since: '2026-03-01T12:01:00.000Z' },
  });
  story.disk('a', 'full', 'room');
  story.run(3_600);
  expect(story.news()).toEqual([
    'end of monitor-disk-low: The disk of monitor a is full, after 60 minutes',
    'monitor-disk-full: The disk of monitor a is full since 13:01 UTC, with 900 MB of 32.0 GB left: the oldest measurements are given up',
  ]);
  expect(story.said.at(-1)).toMatchObject({ severity: 'critical' });
  story.disk('a', 'ok');
  story.run(60);
  expect(story.news()).toEqual(['end of monitor-disk-full: The disk of monitor a has room again, after 60 minutes']);
});

it('tells that the history holds as much as it may, and that nothing is left to be given up', () => {
  const story = scene();
  story.disk('a', 'low', 'budget');
  story.disk('b', 'full');
  story.run(1);
  expect(story.news().sort()).toEqual([
    'monitor-disk-full: The disk of monitor b is full since 12:00 UTC, with 900 MB of 32.0 GB left: no measurements can be given up for it',
    'monitor-disk-low: The history of monitor a holds 12.3 GB, as much as it may, since 12:00 UTC: measurements are kept for fewer days than they should be',
  ]);
});

it('tells it once, whoever speaks, and is over when the monitor is forgotten', () => {
  const story = scene();
  story.disk('a', 'low');
  story.run(1);
  expect(story.news()).toHaveLength(1);
  story.takeOver();
  story.monitor('a', { alive: false });
  story.run(60);
  expect(story.open()).toEqual(expect.arrayContaining(['monitor-disk-low a', 'monitor-lost a']));
  story.forget('a');
  story.run(600);
  expect(story.open()).toEqual([]);
});
