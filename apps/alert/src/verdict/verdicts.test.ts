import { expect, it } from 'vitest';
import { Scene, stamp } from './scene.ts';

it('says at once that a device is down when most of its monitors do, and names who does not', () => {
  const scene = new Scene();
  scene.monitors('a b c');
  scene.device('ap', 'a:up b:up c:up');
  scene.pass(60);
  scene.sees('ap', 'a:down#3 b:up c:up');
  scene.pass(2);
  expect(scene.verdict('ap')).toMatchObject({ state: 'up', since: stamp(0) });
  scene.sees('ap', 'a:down#3 b:down#3 c:up');
  scene.settle();
  expect(scene.verdict('ap')).toMatchObject({
    state: 'down',
    since: stamp(60),
    episode: 3,
    reason: 'down for a and b, answering for c',
  });
});
