import type { Intent, Silence } from '@guaita/model';
import { expect, test } from 'vitest';
import { bucketOf } from './hash.ts';
import { Story } from './story.ts';

const HOUR_ms = 3_600_000;
const DAY_ms = 24 * HOUR_ms;
const BEGIN_ms = Date.UTC(2026, 0, 1);

/** A silence that ends so long after a story's begin. */
function silence(for_ms: number): Silence {
  const scope = { devices: ['router'], monitors: [], tags: [], sites: [], kinds: [], severities: [] };
  return { ...scope, by: 'ada', why: 'a new roof', until: new Date(BEGIN_ms + for_ms).toISOString() };
}

function silenced(for_ms: number, subject = 'roof') {
  return { kind: 'silence', subject, wanted: true, silence: silence(for_ms) } as const;
}

const ACKNOWLEDGED = {
  kind: 'acknowledgement',
  subject: '0123456789abcdef',
  wanted: true,
  acknowledgement: { by: 'ada', why: 'on my way', at: new Date(BEGIN_ms).toISOString() },
} as const;

/** What a monitor has on disk under a name. */
function kept(intents: Iterable<readonly Intent[]>, subject: string): Intent[] {
  return [...intents].flat().filter((intent) => intent.subject === subject);
}

test('a silence and an acknowledgement said at one monitor count at all, also at one that starts later', () => {
  const story = new Story();
  const one = story.begin('one');
  const two = story.begin('two');
  story.run(4);
  one.member.intend(silenced(HOUR_ms), story.now);
  two.member.intend(ACKNOWLEDGED, story.now);
  story.run(1);
  const three = story.begin('three');
  story.run(10);
  for (const actor of [one, two, three]) {
    expect([...actor.silences]).toEqual([['roof', silence(HOUR_ms)]]);
    expect([...actor.acknowledged]).toEqual(['0123456789abcdef']);
  }
});

test('a silence that is taken away at another monitor counts nowhere, and one that is changed counts as it is now', () => {
  const story = new Story();
  const one = story.begin('one');
  const two = story.begin('two');
  story.run(4);
  one.member.intend(silenced(HOUR_ms), story.now);
  story.run(1);
  two.member.intend(silenced(2 * HOUR_ms), story.now);
  story.run(1);
  expect(one.silences.get('roof')).toEqual(silence(2 * HOUR_ms));
  two.member.intend({ kind: 'silence', subject: 'roof', wanted: false }, story.now);
  story.run(1);
  expect([one.silences.size, two.silences.size]).toEqual([0, 0]);
});

test('a silence outlives all monitors: it stands on disk, and counts from the first moment', () => {
  const story = new Story();
  story.begin('one').member.intend(silenced(HOUR_ms), story.now);
  story.run(2);
  story.kill('one');
  const again = story.begin('one');
  story.settle();
  expect([...again.silences.keys()]).toEqual(['roof']);
});

test('a silence ends by the clock, and counts again when that is set back', () => {
  const story = new Story();
  const one = story.begin('one');
  one.member.intend(silenced(HOUR_ms), story.now);
  story.run(2);
  expect(one.silences.size).toBe(1);
  story.setClocks(HOUR_ms);
  story.run(2);
  expect(one.silences.size).toBe(0);
  story.setClocks(-HOUR_ms);
  story.run(2);
  expect(one.silences.size).toBe(1);
});

test('what is over is withdrawn a day later, by the first who notices, and by nobody else', () => {
  const story = new Story();
  const actors = [0.1, 0.9, 0.9].map((random, n) => story.begin(`m${n}`, { random: () => random }));
  story.run(4);
  actors[2]?.member.intend(silenced(HOUR_ms), story.now);
  actors[1]?.member.intend(ACKNOWLEDGED, story.now);
  story.run(2);
  story.setClocks(HOUR_ms + DAY_ms - 10_000);
  story.run(5);
  for (const { disk, silences } of actors) {
    expect(silences.size).toBe(0);
    expect(kept(disk.values(), 'roof')).toMatchObject([{ wanted: true }]);
  }
  story.run(70);
  for (const { disk, acknowledged } of actors) {
    expect(kept(disk.values(), 'roof')).toMatchObject([{ wanted: false, stamp: { writer: 'm0' } }]);
    expect(acknowledged.size).toBe(1);
  }
  // Nobody has told that its alert is over.
  story.setClocks(91 * DAY_ms);
  story.run(70);
  for (const { disk, acknowledged } of actors) {
    expect(kept(disk.values(), '0123456789abcdef')).toMatchObject([{ wanted: false }]);
    expect(acknowledged.size).toBe(0);
  }
});

test('more silences than anybody needs are kept and passed over, until there is room again', () => {
  const story = new Story();
  const one = story.begin('one');
  story.run(4);
  const made = Array.from({ length: 10_003 }, (_, n): Intent => {
    return { ...silenced(HOUR_ms, `s${n}`), stamp: { at_ms: BEGIN_ms + n, counter: 0, writer: 'two' } };
  });
  for (let bucket = 0; bucket < 256; bucket += 1) {
    const intents = made.filter(({ subject }) => bucketOf(subject) === bucket);
    one.member.heard('mqtt', { kind: 'intents', monitor: 'two', bucket, intents }, false, story.now);
  }
  story.run(2);
  expect(one.silences.size).toBe(10_000);
  expect(one.troubles.get('intents')).toMatch(
    /^10000 silences are followed, and "s\d+" is passed over .* find who makes them up$/,
  );
  for (const subject of [...one.silences.keys()].slice(0, 3))
    one.member.intend({ kind: 'silence', subject, wanted: false }, story.now);
  story.run(2);
  expect([one.silences.size, one.troubles.size]).toEqual([10_000, 0]);
});

test('a silence that was set while the clock was a year ahead is over once that is set right', () => {
  const story = new Story();
  story.setClocks(365 * DAY_ms);
  story.begin('one').member.intend(silenced(400 * DAY_ms), story.now);
  story.run(2);
  story.kill('one');
  story.setClocks(-365 * DAY_ms);
  const one = story.begin('one');
  story.run(610);
  expect(kept(one.disk.values(), 'roof')).toMatchObject([{ wanted: false }]);
  expect([one.silences.size, one.troubles.size]).toEqual([0, 0]);
});

test('a silence that would last for years is not followed, whoever says it', () => {
  const story = new Story();
  const one = story.begin('one');
  story.run(4);
  const stamp = { at_ms: BEGIN_ms, counter: 0, writer: 'two' };
  const intents: Intent[] = [{ ...silenced(1_000 * DAY_ms), stamp }];
  one.member.heard('mqtt', { kind: 'intents', monitor: 'two', bucket: bucketOf('roof'), intents }, false, story.now);
  story.run(1);
  expect(one.silences.size).toBe(0);
  expect(one.troubles.get('intents')).toBe(
    'the silence "roof" is not followed, for it would last longer than the 90 days that any may: find who makes it up',
  );
});

test('what is acknowledged at a time that is yet to come is not followed, whoever says it', () => {
  const story = new Story();
  const one = story.begin('one');
  story.run(4);
  const { subject, acknowledgement } = ACKNOWLEDGED;
  const at = '9999-12-31T23:59:59Z';
  const stamp = { at_ms: BEGIN_ms, counter: 0, writer: 'two' };
  const intents: Intent[] = [{ ...ACKNOWLEDGED, acknowledgement: { ...acknowledgement, at }, stamp }];
  one.member.heard('mqtt', { kind: 'intents', monitor: 'two', bucket: bucketOf(subject), intents }, false, story.now);
  story.run(1);
  expect(one.acknowledged.size).toBe(0);
  expect(one.troubles.get('intents')).toBe(
    'that alert "0123456789abcdef" is acknowledged is not followed, for that is said of a time that is yet to come: ' +
      'find who makes it up',
  );
});

test('what was acknowledged while the clock was a year ahead is so once that is set right, at a time that others take', () => {
  const story = new Story();
  story.setClocks(365 * DAY_ms);
  const at = new Date(story.now.wall_ms).toISOString();
  const early = { ...ACKNOWLEDGED, acknowledgement: { ...ACKNOWLEDGED.acknowledgement, at } };
  story.begin('one').member.intend(early, story.now);
  story.run(2);
  story.kill('one');
  story.setClocks(-365 * DAY_ms);
  const one = story.begin('one');
  const two = story.begin('two');
  story.run(610);
  for (const actor of [one, two]) {
    const [intent] = kept(actor.disk.values(), ACKNOWLEDGED.subject);
    expect(intent).toMatchObject({ wanted: true });
    const given = intent?.kind === 'acknowledgement' ? intent.acknowledgement?.at : undefined;
    expect(Date.parse(given ?? '')).toBeLessThanOrEqual(story.now.wall_ms);
    expect([actor.acknowledged.size, actor.troubles.size]).toEqual([1, 0]);
  }
});
