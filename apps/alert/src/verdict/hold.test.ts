import type { VerdictState } from '@guaita/model';
import { expect, it, test } from 'vitest';
import { mustLast_s } from './hold.ts';
import { Scene, stamp } from './scene.ts';

const HOLD = { up_s: 10, down_s: 2, disputed_s: 5, unknown_s: 20 };
const WAITS = { parents_s: 65, again_s: 35 };
const NONE = { parents_s: 0, again_s: 0 };

const TABLE: readonly (readonly [VerdictState, VerdictState, number, typeof WAITS])[] = [
  ['unknown', 'up', 0, NONE],
  ['unknown', 'down', 0, NONE],
  ['unknown', 'disputed', 0, NONE],
  ['unknown', 'unreachable', 0, WAITS],
  ['unknown', 'down', 65, WAITS],
  ['maintenance', 'up', 10, NONE],
  ['maintenance', 'down', 0, NONE],
  ['maintenance', 'down', 65, WAITS],
  ['maintenance', 'unreachable', 0, WAITS],
  ['maintenance', 'disputed', 0, WAITS],
  ['up', 'down', 2, NONE],
  ['up', 'down', 65, WAITS],
  ['disputed', 'down', 65, WAITS],
  ['up', 'unreachable', 2, WAITS],
  ['up', 'disputed', 5, WAITS],
  ['up', 'unknown', 20, WAITS],
  ['down', 'up', 10, WAITS],
  ['down', 'disputed', 5, WAITS],
  ['down', 'unknown', 20, WAITS],
  ['down', 'unreachable', 0, WAITS],
  ['disputed', 'up', 10, WAITS],
  ['unreachable', 'up', 10, WAITS],
  ['unreachable', 'down', 35, WAITS],
  ['unreachable', 'down', 2, NONE],
  ['down', 'maintenance', 0, WAITS],
];

test.each(TABLE)('from %s to %s must last %d s', (before, next, seconds, waits) => {
  expect(mustLast_s(before, next, HOLD, waits)).toBe(seconds);
});

it('says what lasts when it has lasted, and since when it did', () => {
  const scene = new Scene();
  scene.monitors('a b');
  scene.device('ap', 'a:down b:down');
  scene.pass(100);
  scene.sees('ap', 'a:up b:up');
  scene.pass(9);
  expect(scene.verdict('ap')).toMatchObject({
    state: 'down',
    since: stamp(0),
    reason: 'answering for a and b, not for long enough yet to be called up',
  });
  scene.pass(1);
  expect(scene.verdict('ap')).toMatchObject({ state: 'up', since: stamp(100), reason: 'answering for a and b' });
});

it('begins to count anew when the state goes and comes back', () => {
  const scene = new Scene();
  scene.monitors('a');
  scene.device('ap', 'a:down');
  scene.pass(100);
  for (let n = 0; n < 5; n++) {
    scene.sees('ap', 'a:up');
    scene.pass(9);
    scene.sees('ap', 'a:down');
    scene.pass(1);
  }
  expect(scene.states('ap')).toEqual(['down']);
});

it('does not say disputed while monitors come to agree', () => {
  const scene = new Scene();
  scene.monitors('a b c');
  scene.device('ap', 'a:up b:up c:up');
  scene.pass(60);
  scene.sees('ap', 'a:down b:up c:up');
  scene.pass(3);
  scene.sees('ap', 'a:down b:down c:up');
  scene.pass(60);
  scene.sees('ap', 'a:down b:up c:up');
  scene.pass(3);
  scene.sees('ap', 'a:up b:up c:up');
  scene.pass(60);
  expect(scene.states('ap')).toEqual(['up', 'down', 'up']);
});

it('says disputed when they do not', () => {
  const scene = new Scene();
  scene.monitors('a b');
  scene.device('ap', 'a:up b:up');
  scene.pass(60);
  scene.sees('ap', 'a:down#2 b:up#1');
  scene.pass(60);
  expect(scene.verdict('ap')).toMatchObject({ state: 'disputed', since: stamp(60), episode: 2 });
});

it('does not say unknown of a device whose only monitor dies, when another watches it soon', () => {
  const scene = new Scene();
  scene.monitors('a b');
  scene.device('ap', 'a:up');
  scene.pass(60);
  scene.monitors('a', { alive: false });
  scene.pass(1);
  scene.sees('ap', 'b:unprobed');
  scene.pass(3);
  scene.sees('ap', 'b:up');
  scene.pass(60);
  expect(scene.states('ap')).toEqual(['up']);
});
