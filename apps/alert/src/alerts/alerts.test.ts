import { Alert, type Id } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { alertId } from './id.ts';
import { ALERT_DEFAULTS, type Patience } from './options.ts';
import { Story, votes } from './story.ts';

/** Three monitors that live, and a router. */
function scene(): Story {
  const story = new Story();
  for (const monitor of ['a', 'b', 'c']) story.monitor(monitor);
  story.device('router-1');
  story.verdict('router-1', 'up', { episode: 0 });
  expect(story.news()).toEqual([]);
  return story;
}

describe('a device that goes down', () => {
  it('is told of at once, and once more when it is back', () => {
    const story = scene();
    story.pass(180);
    story.verdict('router-1', 'down', { seen_by: votes('ddu') });
    expect(story.news()).toEqual(['down: Router 1 is down for a and b, answering for c; since 12:03 UTC']);
    expect(story.open()).toEqual(['down router-1']);
    story.run(720);
    expect(story.news()).toEqual([]);
    story.verdict('router-1', 'up');
    expect(story.news()).toEqual(['end of down: Router 1 is up again, after 12 minutes']);
    expect(story.open()).toEqual([]);
    expect(story.said.map(({ id }) => id)).toEqual(Array(2).fill(alertId('down', 'router-1', 1)));
    for (const alert of story.said) expect(Alert.parse(alert)).toEqual(alert);
  });

  it('stays told while monitors disagree, nobody can tell, or its parent is down: until it is up', () => {
    const story = scene();
    story.verdict('router-1', 'down');
    expect(story.news()).toHaveLength(1);
    for (const state of ['disputed', 'unknown', 'unreachable', 'maintenance'] as const) {
      story.verdict('router-1', state);
      story.run(400);
      expect(story.news()).toEqual([]);
      expect(story.open()).toEqual(['down router-1']);
    }
    story.verdict('router-1', 'up');
    expect(story.open()).toEqual(['down router-1']);
    expect(story.news()).toEqual(['end of down: Router 1 is up again, after 27 minutes']);
  });

  it('is not told of while its parent is down or nobody can tell, and is when that is over', () => {
    const story = scene();
    story.device('switch-1', undefined, { parents: ['router-1'] });
    story.verdict('router-1', 'down');
    story.verdict('switch-1', 'unreachable');
    story.run(3600);
    story.verdict('switch-1', 'unknown');
    expect(story.news()).toEqual(['down: Router 1 is down since 12:00 UTC']);
    story.verdict('router-1', 'up');
    story.verdict('switch-1', 'down');
    expect(story.news()).toEqual([
      'end of down: Router 1 is up again, after 60 minutes',
      'down: Switch 1 is down since 13:00 UTC',
    ]);
  });

  it('is told of anew when another outage has begun before anybody saw it up', () => {
    const story = scene();
    story.verdict('router-1', 'down', { episode: 4 });
    story.news();
    story.verdict('router-1', 'down', { episode: 5 });
    expect(story.news()).toEqual([
      'end of down: What was told of Router 1 is over, but has begun again',
      'down: Router 1 is down since 12:00 UTC',
    ]);
    story.verdict('router-1', 'down', { episode: 4 });
    expect(story.news()).toEqual([]);
    expect([...story.kept.keys()]).toEqual([alertId('down', 'router-1', 5)]);
  });

  it('ends all its alerts when it leaves the inventory', () => {
    const story = scene();
    story.verdict('router-1', 'down');
    story.news();
    story.remove('router-1');
    expect(story.news()).toEqual(['end of down: Router 1 is no longer in the inventory']);
    expect(story.open()).toEqual([]);
  });
});

describe('a device that is disputed', () => {
  it('is told of after five minutes, with who says what, until they agree', () => {
    const story = scene();
    story.verdict('router-1', 'disputed', { seen_by: votes('duu') });
    story.run(299);
    expect(story.news()).toEqual([]);
    story.run(1);
    expect(story.news()).toEqual(['disputed: Router 1 is disputed since 12:00 UTC: down for a, answering for b and c']);
    story.verdict('router-1', 'unknown');
    expect(story.news()).toEqual([]);
    story.verdict('router-1', 'down', { seen_by: votes('ddu') });
    expect(story.news()).toEqual([
      'down: Router 1 is down for a and b, answering for c; since 12:05 UTC',
      'end of disputed: Router 1 is no longer disputed: it is down, after 5 minutes',
    ]);
    expect(story.open()).toEqual(['down router-1']);
  });

  it('is not told of when they agree before', () => {
    const story = scene();
    story.verdict('router-1', 'disputed');
    story.run(200);
    story.verdict('router-1', 'up');
    story.run(50);
    story.verdict('router-1', 'disputed');
    story.run(299);
    expect(story.news()).toEqual([]);
  });

  it('is told of when its tags say', () => {
    const patience = (tags: readonly Id[]): Patience => ({
      ...ALERT_DEFAULTS.patience(tags),
      ...(tags.includes('core') && { disputed_after_s: 20, under_watched_after_s: 40 }),
    });
    const story = new Story({ ...ALERT_DEFAULTS, patience });
    for (const monitor of ['a', 'b', 'c']) story.monitor(monitor);
    story.device('router-1', ['a']);
    story.verdict('router-1', 'disputed');
    story.run(19);
    expect(story.open()).toEqual([]);
    story.run(1);
    expect(story.open()).toEqual(['disputed router-1']);
    story.run(20);
    expect(story.open()).toEqual(['disputed router-1', 'under-watched router-1']);
  });

  it('is disputed for as long as it says for somebody who begins later', () => {
    const story = scene();
    story.verdict('router-1', 'disputed');
    story.pass(250);
    story.takeOver();
    story.run(49);
    expect(story.news()).toEqual([]);
    story.run(1);
    expect(story.open()).toEqual(['disputed router-1']);
  });
});

describe('a device that flaps', () => {
  it('is one alert, and its changes are not told until it is steady', () => {
    const story = scene();
    story.verdict('router-1', 'down', { episode: 3, flapping: true });
    expect(story.news()).toEqual([
      'flapping: Router 1 keeps going down and coming back, last at 12:00 UTC: its changes are not told until it is steady',
    ]);
    for (let episode = 4; episode < 50; episode += 1) {
      story.run(10);
      story.verdict('router-1', 'up', { episode, flapping: true });
      story.run(400);
      story.verdict('router-1', 'disputed', { episode, flapping: true });
      story.run(400);
      story.verdict('router-1', 'down', { episode, flapping: true });
    }
    expect(story.news()).toEqual([]);
    story.verdict('router-1', 'down', { episode: 50 });
    expect(story.news()).toEqual([
      'end of flapping: Router 1 is steady again: it is down, after 10 hours',
      'down: Router 1 is down since 22:21 UTC',
    ]);
  });

  it('ends the outage that was told before when it is steady and up', () => {
    const story = scene();
    story.verdict('router-1', 'down');
    story.news();
    story.verdict('router-1', 'up', { flapping: true });
    expect(story.open()).toEqual(['down router-1']);
    story.news();
    expect(story.open()).toEqual(['down router-1', 'flapping router-1']);
    story.verdict('router-1', 'up');
    story.news();
    expect(story.open()).toEqual([]);
  });

  it('is not told of behind a parent that is down', () => {
    const story = scene();
    story.verdict('router-1', 'unreachable', { flapping: true });
    expect(story.news()).toEqual([]);
  });
});
