import { describe, expect, it } from 'vitest';
import { alertId } from './id.ts';
import { ALERT_DEFAULTS, type AlertOptions } from './options.ts';
import { Story } from './story.ts';

function scene(devices = 1, options = ALERT_DEFAULTS): Story {
  const story = new Story(options);
  for (const monitor of ['a', 'b', 'c']) story.monitor(monitor);
  for (let n = 1; n <= devices; n += 1) {
    story.device(`device-${n}`);
    story.verdict(`device-${n}`, 'up', { episode: 0 });
  }
  expect(story.news()).toEqual([]);
  return story;
}

describe('a site whose monitors are all silent', () => {
  function sites(): Story {
    const story = scene();
    for (const monitor of ['d', 'e']) story.monitor(monitor, { site: 'cabin' });
    expect(story.news()).toEqual([]);
    return story;
  }

  it('is told of as one by the others, until one of them is heard again', () => {
    const story = sites();
    story.monitor('d', { site: 'cabin', alive: false });
    story.run(10);
    story.monitor('e', { site: 'cabin', alive: false, session: 4 });
    story.run(29);
    expect(story.news()).toEqual([]);
    story.run(600);
    expect(story.news()).toEqual(['site-lost: Site cabin is silent since 12:00 UTC: nothing is heard of d and e']);
    expect(story.said[0]).toMatchObject({ id: alertId('site-lost', 'cabin', 7004), severity: 'critical' });
    story.monitor('e', { site: 'cabin', session: 5 });
    story.run(600);
    expect(story.news()).toEqual([
      'monitor-lost: Monitor d at cabin is silent since 12:00 UTC: it is down, or cut off from the others',
      'end of site-lost: Site cabin is heard again, after 10 minutes',
    ]);
  });

  it('is not told of while one of them lives, was drained, or has said that it is cut off', () => {
    for (const change of [{}, { alive: false, isolated: true }]) {
      const story = sites();
      story.monitor('d', { site: 'cabin', alive: false });
      story.monitor('e', { site: 'cabin', ...change });
      story.run(600);
      expect(story.news().filter((text) => text.startsWith('site-lost'))).toEqual([]);
    }
    const drained = sites();
    for (const monitor of ['d', 'e']) drained.monitor(monitor, { site: 'cabin', alive: false, draining: true });
    drained.run(600);
    expect(drained.news()).toEqual([]);
  });

  it('is waited for no longer when its monitors are forgotten, also where nobody spoke then', () => {
    const story = sites();
    for (const monitor of ['d', 'e']) story.monitor(monitor, { site: 'cabin', alive: false });
    story.run(30);
    for (const monitor of ['d', 'e']) story.forget(monitor);
    story.takeOver(0);
    story.run(60);
    expect(story.news()).toEqual([
      'site-lost: Site cabin is silent since 12:00 UTC: nothing is heard of d and e',
      'end of site-lost: Site cabin has no monitors any more',
    ]);
  });

  it('does not tell of itself: it hears itself', () => {
    const story = scene();
    for (const monitor of ['b', 'c']) story.monitor(monitor, { alive: false });
    story.run(600);
    expect(story.open()).toEqual(['monitor-lost b', 'monitor-lost c']);
  });
});

describe('a monitor that is silent', () => {
  it('is told of when a restart would be over, until it is heard again', () => {
    const story = scene();
    story.monitor('c', { alive: false });
    story.run(29);
    expect(story.news()).toEqual([]);
    story.run(1);
    expect(story.news()).toEqual([
      'monitor-lost: Monitor c at home is silent since 12:00 UTC: it is down, or cut off from the others',
    ]);
    expect(story.open()).toEqual(['monitor-lost c']);
    story.monitor('c', { incarnation: 8, session: 1 });
    expect(story.news()).toEqual(['end of monitor-lost: Monitor c at home is heard again, after 30 seconds']);
  });

  it('is waited for as long as its tags say', () => {
    const patience: AlertOptions['patience'] = (tags) => ({
      ...ALERT_DEFAULTS.patience(tags),
      ...(tags.includes('solar') && { monitor_lost_after_s: 900 }),
    });
    const story = scene(1, { ...ALERT_DEFAULTS, patience });
    story.monitor('b', { alive: false });
    story.monitor('c', { alive: false, tags: ['solar'] });
    story.run(899);
    expect(story.open()).toEqual(['monitor-lost b']);
    story.run(1);
    expect(story.open()).toEqual(['monitor-lost b', 'monitor-lost c']);
  });

  it('is not told of when it is back in time, or was drained', () => {
    const story = scene();
    story.monitor('c', { alive: false });
    story.run(20);
    story.monitor('c');
    story.monitor('b', { alive: false, draining: true });
    story.run(3600);
    expect(story.news()).toEqual([]);
  });

  it('is waited for no longer when it is forgotten or drained', () => {
    const story = scene();
    for (const monitor of ['b', 'c']) story.monitor(monitor, { alive: false });
    story.run(30);
    expect(story.news()).toHaveLength(2);
    story.forget('c');
    expect(story.news()).toEqual(['end of monitor-lost: Monitor c is forgotten: it is not waited for any more']);
    story.monitor('b', { alive: false, draining: true });
    expect(story.news()).toEqual([
      'end of monitor-lost: Monitor b at home is drained: nobody waits for it, after 30 seconds',
    ]);
  });

  it('is one event on every broker, by the run and the connection that were lost', () => {
    const ids = [scene(), scene()].map((story, n) => {
      story.pass(n * 5);
      story.monitor('c', { alive: false, links: [] });
      story.run(40);
      return story.said.map(({ id }) => id);
    });
    expect(ids[0]).toEqual([alertId('monitor-lost', 'c', 7_002)]);
    expect(ids[1]).toEqual(ids[0]);
  });

  it('is given time by somebody who begins, and told of all the same', () => {
    const story = scene();
    story.monitor('c', { alive: false });
    story.takeOver();
    story.run(179);
    expect(story.news()).toEqual([]);
    story.run(1);
    expect(story.open()).toEqual(['monitor-lost c']);
  });
});

describe('a monitor that reaches nothing', () => {
  it('is one alert among three, whatever it says of 1,000 devices, and one more when it is over', () => {
    const story = scene(1000);
    for (let n = 1; n <= 1000; n += 1) story.verdict(`device-${n}`, 'unknown');
    story.monitor('c', { isolated: true, isolations: 1 });
    for (let n = 1; n <= 1000; n += 1) story.device(`device-${n}`, ['a']);
    story.run(3600);
    expect(story.news()).toEqual([
      'monitor-isolated: Monitor c at home reaches none of its anchors since 12:00 UTC: what it sees of devices does not count',
    ]);
    story.monitor('c', { alive: false, isolated: true, isolations: 1 });
    story.run(3600);
    story.monitor('c', { isolations: 1 });
    expect(story.news()).toEqual([
      'end of monitor-isolated: Monitor c at home reaches its anchors again, after 2 hours',
    ]);
    expect(story.said.map(({ id }) => id)).toEqual(Array(2).fill(alertId('monitor-isolated', 'c', 7_001)));
  });

  it('is one alert when it is alone', () => {
    const story = new Story();
    story.monitor('a');
    for (let n = 1; n <= 1000; n += 1) story.device(`device-${n}`, ['a']);
    story.monitor('a', { isolated: true });
    story.run(3600);
    expect(story.news()).toHaveLength(1);
    expect(story.open()).toEqual(['monitor-isolated a']);
  });

  it('cannot tell on its own broker who else is gone; nor right after', () => {
    const story = scene();
    for (const monitor of ['a', 'b']) story.monitor(monitor, { alive: false });
    story.run(15);
    story.monitor('c', { isolated: true });
    story.run(3600);
    expect(story.open()).toEqual(['monitor-isolated c']);
    story.monitor('c');
    story.run(179);
    expect(story.open()).toEqual([]);
    story.monitor('a');
    story.run(1);
    expect(story.open()).toEqual(['monitor-lost b']);
  });
});

describe('a device with too few monitors', () => {
  it('is told of when a handover would be over, until it has as many as it can', () => {
    const story = scene();
    story.device('device-1', ['a', 'b']);
    story.run(179);
    expect(story.news()).toEqual([]);
    story.run(1);
    expect(story.news()).toEqual(['under-watched: Device 1 is watched by 2 monitors instead of 3 since 12:00 UTC']);
    story.device('device-1', []);
    expect(story.news()).toEqual([]);
    story.device('device-1', ['a', 'b', 'c']);
    expect(story.news()).toEqual([
      'end of under-watched: Device 1 is watched by 3 monitors, as many as it should have, after 3 minutes',
    ]);
  });

  it('should not have more than may watch it', () => {
    const story = scene(2);
    story.monitor('c', { site: 'away', tags: ['far'] });
    story.device('device-1', ['a', 'b'], { placement: { not_tags: ['far'] } });
    story.device('device-2', ['c'], { placement: { only_sites: ['away'] } });
    story.run(3600);
    expect(story.news()).toEqual([]);
    for (const change of [{ draining: true }, { probing: false }, { capacity: 0 }]) {
      story.monitor('a', change);
      story.device('device-1', ['b'], { placement: { not_tags: ['far'] } });
      story.run(3600);
      expect(story.news()).toEqual([]);
    }
  });

  it('is not told of while a lost monitor tells why, and has time for the handover after that', () => {
    const story = scene();
    story.monitor('c', { alive: false });
    story.device('device-1', ['a']);
    story.run(3600);
    expect(story.open()).toEqual(['monitor-lost c']);
    story.monitor('c');
    story.run(179);
    expect(story.open()).toEqual([]);
    story.run(1);
    expect(story.open()).toEqual(['under-watched device-1']);
    story.monitor('c', { alive: false });
    story.run(3600);
    expect(story.open()).toEqual(['monitor-lost c', 'under-watched device-1']);
  });

  it('watched by nobody is said so', () => {
    const story = scene();
    story.device('device-1', []);
    story.run(200);
    expect(story.news()).toEqual(['under-watched: Device 1 is watched by nobody instead of 3 since 12:00 UTC']);
  });
});
