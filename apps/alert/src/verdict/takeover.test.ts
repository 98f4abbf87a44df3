import type { Verdict } from '@guaita/model';
import { expect, it } from 'vitest';
import { Scene, stamp } from './scene.ts';

const DOWN: Verdict = {
  state: 'down',
  since: '2026-02-01T00:00:00Z',
  reason: 'down for a',
  episode: 4,
  seen_by: [{ monitor: 'a', sees: 'down', down_since: stamp(0), counts: true, at: stamp(0), loss_percent: 100 }],
};

function scene(claims: string): Scene {
  const scene = new Scene();
  scene.monitors('a');
  scene.device('ap', claims);
  return scene;
}

it('goes on from what an earlier speaker said, and says it as it stands', () => {
  const after = scene('a:down#4');
  after.verdicts.said('ap', DOWN);
  expect(after.settle()).toEqual([expect.objectContaining({ device: 'ap', before: DOWN, after: DOWN })]);
});

it('does so too when what was said is heard before the device is', () => {
  const late = new Scene();
  late.verdicts.said('ap', DOWN);
  expect(late.settle()).toEqual([]);
  late.monitors('a');
  late.device('ap', 'a:down#4');
  late.settle();
  expect(late.verdict('ap')).toEqual(DOWN);
});

it('or only after it was judged here', () => {
  const early = scene('a:down#4');
  early.settle();
  expect(early.verdict('ap').since).toBe(stamp(0));
  early.verdicts.said('ap', DOWN);
  early.settle();
  expect(early.verdict('ap').since).toBe(DOWN.since);
  expect(early.settle()).toEqual([]);
});

it('says that a device came back while nobody spoke, when that lasts', () => {
  const back = scene('a:up#4');
  back.verdicts.said('ap', DOWN);
  back.pass(60);
  expect(back.changes[0]).toMatchObject({ before: { state: 'down', since: DOWN.since } });
  expect(back.states('ap')).toEqual(['down', 'up']);
  expect(back.verdict('ap')).toMatchObject({ since: stamp(0), episode: 4 });
});

it('does not confuse this outage with one of which it hears late', () => {
  const after = scene('a:down#5');
  after.settle();
  after.verdicts.said('ap', DOWN);
  after.settle();
  expect(after.verdict('ap')).toMatchObject({ since: stamp(0), episode: 5 });
});

it('knows that a device flaps, and gives it time to calm down', () => {
  const after = scene('a:down#4');
  after.verdicts.said('ap', { ...DOWN, flapping: true });
  after.pass(800);
  expect(after.verdict('ap').flapping).toBe(true);
  after.sees('ap', 'a:up#4');
  after.pass(60);
  expect(after.verdict('ap')).toMatchObject({ state: 'up', flapping: true });
  after.pass(900);
  expect(after.verdict('ap')).not.toHaveProperty('flapping');
});

it('keeps a child unreachable whose dead parent is heard of only then', () => {
  const after = scene('a:down#4');
  after.device('camera', 'a:down', { parents: ['ap'] });
  after.verdicts.said('camera', { ...DOWN, state: 'unreachable', reason: 'its parent ap is down', episode: 1 });
  after.verdicts.said('ap', DOWN);
  after.pass(600);
  expect(after.states('camera')).toEqual(['unreachable']);
  expect(after.verdict('camera').since).toBe(DOWN.since);
});

it('follows another speaker without a word of its own being lost: it says all verdicts once, then what is new', () => {
  const after = scene('a:down#4');
  after.settle();
  expect(after.changes).toHaveLength(1);
  const [{ after: own } = {}] = after.changes;
  after.verdicts.said('ap', own);
  expect(after.settle()).toEqual([]);
  after.verdicts.said('ap', undefined);
  expect(after.settle()).toEqual([]);
});

it('says that a device is gone with what was said of it last', () => {
  const after = scene('a:down#4');
  after.verdicts.said('ap', DOWN);
  after.settle();
  after.verdicts.spec('ap', undefined);
  expect(after.settle()).toEqual([{ device: 'ap', spec: undefined, before: DOWN, after: undefined }]);
  after.verdicts.spec('ap', undefined);
  expect(after.settle()).toEqual([]);
});
