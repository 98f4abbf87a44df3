import { expect, test } from 'vitest';
import { Scene, stamp } from './scene.ts';

/** How the monitors that a row names stand: `i` is isolated, `p` does not probe, `x` is not heard, `n` not known here. */
function judged(claims: string) {
  const scene = new Scene();
  scene.monitors('a b c');
  scene.monitors('i i2', { isolated: true });
  scene.monitors('p', { probing: false });
  scene.monitors('x', { alive: false });
  scene.device('ap', claims);
  scene.settle();
  return scene.verdict('ap');
}

test.each([
  ['', 'unknown', 'no live monitor watches it'],
  ['a:unprobed', 'unknown', 'a has no fresh probe of it'],
  ['a:up', 'up', 'answering for a'],
  ['a:down', 'down', 'down for a'],
  ['i:up', 'unknown', 'all monitors that watch it are isolated: i'],
  ['i:down', 'unknown', 'all monitors that watch it are isolated: i'],
  ['p:down', 'unknown', 'no monitor that watches it probes: p'],
  ['x:down', 'unknown', 'no live monitor watches it'],
  ['n:down', 'unknown', 'n is not known here yet'],
  ['a:down!', 'down', 'down for a'],

  ['a:up b:up', 'up', 'answering for a and b'],
  ['a:down b:up', 'disputed', 'down for a, answering for b'],
  ['a:down b:down', 'down', 'down for a and b'],
  ['a:down b:unprobed', 'down', 'down for a'],
  ['a:unprobed b:unprobed', 'unknown', 'a and b have no fresh probe of it'],
  ['a:down i:up', 'down', 'down for a'],
  ['a:up i:down', 'up', 'answering for a'],
  ['a:up p:down', 'up', 'answering for a'],
  ['a:up x:down', 'up', 'answering for a'],
  ['a:up b:down!', 'disputed', 'down for b, answering for a'],
  ['i:down i2:down', 'unknown', 'all monitors that watch it are isolated: i and i2'],
  ['i:down p:down', 'unknown', 'no monitor that watches it can tell: i is isolated, p does not probe'],

  ['a:up b:up c:up', 'up', 'answering for a, b and c'],
  ['a:down b:up c:up', 'disputed', 'down for a, answering for b and c'],
  ['a:down b:down c:up', 'down', 'down for a and b, answering for c'],
  ['a:down b:down c:down', 'down', 'down for a, b and c'],
  ['a:down b:up c:unprobed', 'disputed', 'down for a, answering for b'],
  ['a:down b:up i:down', 'disputed', 'down for a, answering for b'],
  ['a:up i:down p:down', 'up', 'answering for a'],
  ['a:down i:up p:up', 'down', 'down for a'],
  ['a:up x:down n:down', 'up', 'answering for a'],
  ['i:down i2:down p:down', 'unknown', 'no monitor that watches it can tell: i and i2 are isolated, p does not probe'],
])('claims %j: %s, %j', (claims, state, reason) => {
  expect(judged(claims)).toMatchObject({ state, reason });
});

test('each claimant that is heard is named with what it sees, and why that does not count', () => {
  expect(judged('a:down i:up p:up! b:unprobed n:up x:up').seen_by).toEqual([
    { monitor: 'a', sees: 'down', down_since: stamp(0), counts: true },
    { monitor: 'i', sees: 'answering', counts: false, why_not: 'is isolated' },
    { monitor: 'p', sees: 'answering', counts: false, why_not: 'does not probe' },
    { monitor: 'b', sees: 'unprobed', counts: false, why_not: 'has no fresh probe of it' },
    { monitor: 'n', sees: 'answering', counts: false, why_not: 'is not known here yet' },
  ]);
});

test('as many as its tags ask for must call a device down', () => {
  const scene = new Scene({ quorum: (tags) => (tags.includes('vital') ? 'any' : 'all') });
  scene.monitors('a b c');
  scene.device('ups', 'a:down b:up c:up', { tags: ['vital'] });
  scene.device('lamp', 'a:down b:down c:up', { tags: ['spare'] });
  scene.settle();
  expect(scene.verdict('ups').state).toBe('down');
  expect(scene.verdict('lamp').state).toBe('disputed');
});

test('a monitor that loses its uplink has no say from then on, and has it again when it is back', () => {
  const scene = new Scene();
  scene.monitors('a');
  scene.device('ap', 'a:up');
  scene.settle();
  scene.monitors('a', { isolated: true });
  scene.sees('ap', 'a:down');
  scene.pass(60);
  expect(scene.states('ap')).toEqual(['up', 'unknown']);
  scene.monitors('a');
  scene.sees('ap', 'a:up');
  scene.settle();
  expect(scene.states('ap')).toEqual(['up', 'unknown', 'up']);
});

test('of three monitors, the one that is cut off calls nothing down or disputed', () => {
  const scene = new Scene();
  scene.monitors('a b c');
  for (let n = 0; n < 20; n++) scene.device(`d${n}`, 'a:up b:up c:up');
  scene.settle();
  scene.monitors('c', { isolated: true });
  for (let n = 0; n < 20; n++) scene.sees(`d${n}`, 'a:up b:up c:down');
  scene.pass(3600);
  for (let n = 0; n < 20; n++) expect(scene.states(`d${n}`)).toEqual(['up']);
});

test('a vote bears the figures of the newest observation, which are told again every few minutes', () => {
  const scene = new Scene();
  scene.monitors('a');
  scene.device('ap', 'a:up');
  scene.settle();
  scene.probed('a', 'ap', { loss_percent: 0, rtt_avg_ms: 2 });
  scene.settle();
  expect(scene.verdict('ap').seen_by).toEqual([
    { monitor: 'a', sees: 'answering', counts: true, at: stamp(0), loss_percent: 0, rtt_avg_ms: 2 },
  ]);
  const told: number[] = [];
  for (let n = 0; n < 10; n++) {
    scene.pass(60);
    scene.probed('a', 'ap', { loss_percent: 100, rtt_avg_ms: null });
    told.push(scene.settle().length);
  }
  expect(told).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  expect(scene.verdict('ap').seen_by).toEqual([
    { monitor: 'a', sees: 'answering', counts: true, at: stamp(600), loss_percent: 100 },
  ]);
});

test('a monitor that no longer watches a device leaves no figures behind', () => {
  const scene = new Scene();
  scene.monitors('a b');
  scene.device('ap', 'a:up b:up');
  scene.probed('a', 'ap');
  scene.settle();
  scene.verdicts.observed('a', 'ap', undefined);
  scene.sees('ap', 'a:unprobed b:up');
  scene.settle();
  expect(scene.verdict('ap').seen_by[0]).not.toHaveProperty('at');
});
