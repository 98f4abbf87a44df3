import type { ServicesLeftOut } from '@guaita/messages';
import { expect, it } from 'vitest';
import { alertId } from './id.ts';
import { Story } from './story.ts';
import { leftOutText } from './texts.ts';

const SERVICES = Array.from({ length: 188 }, (_, index) => `http/web-${112 + index}`);

function scene(): Story {
  const story = new Story();
  for (const monitor of ['a', 'b', 'c']) story.monitor(monitor);
  expect(story.news()).toEqual([]);
  return story;
}

/** Time goes by while a monitor says the same every five minutes, as it does. */
function run(story: Story, minutes: number, services: readonly string[]): void {
  for (let passed = 0; passed < minutes; passed += 5) {
    story.leftOut('a', services);
    story.run(300);
  }
}

it('tells of the services that do not fit, and that they do again', () => {
  const story = scene();
  run(story, 60, SERVICES);
  expect(story.news()).toEqual([
    'monitor-services-left-out: Monitor a cannot tell of 188 services by Serf since 12:00 UTC, as the tags of its agent may have 512 bytes: http/web-112, http/web-113, http/web-114, http/web-115, http/web-116 and 183 more; shorten descriptions, tell of fewer services, or raise serf.tag_bytes if it is below 512',
  ]);
  const noon = '2026-03-01T12:00:00.000Z';
  expect(story.said[0]).toMatchObject({
    ...{ id: alertId('monitor-services-left-out', 'a', Date.parse(noon) / 1000), severity: 'warning' },
    ...{ subject: 'a', since: noon },
  });
  run(story, 60, SERVICES.slice(7));
  expect(story.news()).toEqual([]);
  run(story, 60, []);
  expect(story.news()).toEqual([
    'end of monitor-services-left-out: All services of monitor a fit into its Serf tags again, after 2 hours',
  ]);
  run(story, 5, SERVICES);
  expect(story.open()).toEqual(['monitor-services-left-out a']);
});

it('is over when nobody says so any more, and not before', () => {
  const story = scene();
  story.leftOut('a', SERVICES);
  story.run(890);
  expect(story.open()).toEqual(['monitor-services-left-out a']);
  story.run(20);
  expect(story.news().at(-1)).toBe(
    'end of monitor-services-left-out: Monitor a says no longer of which services it cannot tell by Serf, after 15 minutes',
  );
  story.run(86_400);
  expect(story.news()).toEqual([]);
});

it('is over as well where who spoke before has told it, and its word is kept no more', () => {
  const story = scene();
  story.leftOut('a', SERVICES);
  story.run(1);
  const alert = [...story.kept.values()];
  const later = scene();
  for (const each of alert) later.kept.set(each.id, each);
  later.takeOver();
  later.run(600);
  expect(later.open()).toEqual(['monitor-services-left-out a']);
  later.run(600);
  expect(later.open()).toEqual([]);
});

it('tells it once, whoever speaks, and is over when the monitor is forgotten', () => {
  const story = scene();
  story.leftOut('a', SERVICES);
  story.run(1);
  expect(story.news()).toHaveLength(1);
  story.takeOver();
  story.run(60);
  expect(story.news()).toEqual([]);
  story.forget('a');
  story.run(1);
  expect(story.open()).toEqual([]);
});

it.each([
  [1, '1 service by Serf', 'http/web-112;'],
  [2, '2 services by Serf', 'http/web-112 and http/web-113;'],
  [5, '5 services by Serf', 'http/web-115 and http/web-116;'],
  [6, '6 services by Serf', 'http/web-116 and 1 more;'],
])('names the first few of %i', (count, how, names) => {
  const at = '2026-03-01T12:00:00.000Z';
  const services = SERVICES.slice(0, Math.min(count, 10));
  const said: ServicesLeftOut = { count, services, room_bytes: 256, since: at, at };
  const text = leftOutText('a', said, Date.parse(at));
  expect(text).toContain(how);
  expect(text).toContain(names);
  expect(text).toContain('may have 256 bytes');
});
