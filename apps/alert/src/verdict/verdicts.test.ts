import { describe, expect, it } from 'vitest';
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

describe('of 300 devices', () => {
  /** Which devices were judged since the last call: each asks for the quorum of its tags. */
  function crowd() {
    const judged: string[] = [];
    const scene = new Scene({
      quorum: ([tag = '']) => {
        judged.push(tag);
        return 'majority';
      },
    });
    scene.monitors('a b c');
    scene.device('router', 'c:up', { tags: ['router'] });
    for (let n = 0; n < 300; n++) {
      const parents = n < 10 ? ['router'] : [];
      scene.device(`d${n}`, n < 30 ? 'a:up' : 'b:up', { tags: [`d${n}`], parents });
    }
    scene.settle();
    return { scene, judged: () => judged.splice(0) };
  }

  it('each is judged once at first, and none when nothing has changed', () => {
    const { scene, judged } = crowd();
    expect(judged()).toHaveLength(301);
    scene.pass(3600);
    scene.monitors('a b c', { devices: 17, at: stamp(3600) });
    scene.settle();
    expect(judged()).toEqual([]);
  });

  it('those of a monitor that changes are judged, and no other', () => {
    const { scene, judged } = crowd();
    judged();
    scene.monitors('a', { isolated: true });
    scene.settle();
    expect(judged()).toEqual(Array.from({ length: 30 }, (_, n) => `d${n}`));
    scene.monitors('nobody');
    scene.settle();
    expect(judged()).toEqual([]);
  });

  it('those are judged by a parent that changes of which the voters say down', () => {
    const { scene, judged } = crowd();
    scene.sees('d3', 'a:down');
    scene.settle();
    judged();
    scene.sees('router', 'c:down');
    const changes = scene.settle();
    expect(judged()).toEqual(['router', 'd3']);
    expect(changes.map(({ device, after }) => [device, after?.state])).toEqual([
      ['router', 'down'],
      ['d3', 'unreachable'],
    ]);
  });

  it('an observation concerns none until its figures are due', () => {
    const { scene, judged } = crowd();
    for (let n = 0; n < 300; n++) scene.probed(n < 30 ? 'a' : 'b', `d${n}`);
    scene.settle();
    judged();
    for (let minute = 1; minute < 5; minute++) {
      scene.pass(60);
      for (let n = 0; n < 300; n++) scene.probed(n < 30 ? 'a' : 'b', `d${n}`);
      scene.settle();
    }
    expect(judged()).toEqual([]);
  });
});

it('tells of many devices in turns, of each as it is by then, and of none that has gone meanwhile', () => {
  const scene = new Scene();
  scene.monitors('a');
  for (let n = 0; n < 2500; n++) scene.device(`d${n}`, 'a:up');
  expect(scene.settle()).toHaveLength(500);
  expect(scene.verdicts.nextDeadline_ms).toBeLessThanOrEqual(scene.now.monotonic_ms);
  scene.sees('d2000', 'a:down');
  scene.verdicts.spec('d2001', undefined);
  scene.pass(0);
  expect(scene.states('d2000')).toEqual(['down']);
  expect(scene.states('d2001')).toEqual([]);
  expect(scene.changes).toHaveLength(2499);
  expect(scene.verdicts.nextDeadline_ms).toBe(Infinity);
});
