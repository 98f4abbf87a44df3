import { describe, expect, it } from 'vitest';
import { Scene, stamp } from './scene.ts';

function scene(
  ...entries: readonly (readonly [device: string, parents?: readonly string[], interval_s?: number])[]
): Scene {
  const scene = new Scene();
  scene.monitors('a');
  for (const [device, parents = [], interval_s = 60] of entries)
    scene.device(device, 'a:up', { parents: [...parents], interval_s });
  scene.settle();
  return scene;
}

describe('a device whose parents have gone', () => {
  it('is unreachable, and its reason names them', () => {
    const network = scene(['router'], ['ap', ['router']]);
    network.sees('router', 'a:down');
    network.sees('ap', 'a:down');
    network.settle();
    expect(network.verdict('router')).toMatchObject({ state: 'down', reason: 'down for a' });
    expect(network.verdict('ap')).toMatchObject({ state: 'unreachable', reason: 'its parent router is down' });
  });

  it('is unreachable along a chain, with one device down: the first', () => {
    const network = scene(['core'], ['switch', ['core']], ['ap', ['switch']], ['camera', ['ap']]);
    for (const device of ['camera', 'ap', 'switch', 'core']) {
      network.pass(3);
      network.sees(device, 'a:down');
    }
    network.pass(600);
    expect(network.states('core')).toEqual(['up', 'down']);
    for (const device of ['switch', 'ap', 'camera']) expect(network.states(device)).toEqual(['up', 'unreachable']);
    expect(network.verdict('camera').reason).toBe('its parent ap is unreachable');
  });

  it('is down while one of several stands', () => {
    const network = scene(['r1'], ['r2'], ['ap', ['r1', 'r2']]);
    network.sees('r1', 'a:down');
    network.sees('ap', 'a:down');
    network.pass(65);
    expect(network.verdict('ap').state).toBe('down');
    network.sees('r2', 'a:down');
    network.settle();
    expect(network.verdict('ap')).toMatchObject({ state: 'unreachable', reason: 'its parents r1 and r2 are down' });
  });

  it('is up as long as it answers', () => {
    const network = scene(['router'], ['ap', ['router']]);
    network.sees('router', 'a:down');
    network.pass(600);
    expect(network.states('ap')).toEqual(['up']);
  });

  it('is not explained by a parent that is in no inventory', () => {
    const network = scene(['ap', ['nowhere']], ['camera', ['nowhere', 'router']], ['router']);
    network.sees('ap', 'a:down');
    network.sees('router', 'a:down');
    network.sees('camera', 'a:down');
    network.settle();
    expect(network.verdict('ap').state).toBe('down');
    expect(network.verdict('camera')).toMatchObject({ state: 'unreachable', reason: 'its parent router is down' });
  });

  it('is unreachable at once when the only parent that stands is taken out of the inventory', () => {
    const network = scene(['r1'], ['r2'], ['ap', ['r1', 'r2']]);
    for (const device of ['r2', 'ap']) network.sees(device, 'a:down');
    network.pass(600);
    expect(network.verdict('ap').state).toBe('down');
    network.verdicts.spec('r1', undefined);
    network.pass(1);
    expect(network.verdict('ap').state).toBe('unreachable');
  });

  it('is down when its dead parent is taken out of the inventory, or is no longer its parent', () => {
    const network = scene(['r1'], ['r2'], ['ap', ['r1']], ['camera', ['r2']]);
    for (const device of ['r1', 'r2', 'ap', 'camera']) network.sees(device, 'a:down');
    network.settle();
    network.verdicts.spec('r1', undefined);
    network.device('camera', 'a:down', { parents: [] });
    network.pass(65);
    expect(network.states('ap')).toEqual(['up', 'unreachable', 'down']);
    expect(network.states('camera')).toEqual(['up', 'unreachable', 'down']);
    expect(network.states('r1')).toEqual(['up', 'down', 'gone']);
  });
});

describe('a device that is seen down before its parent is', () => {
  it('is not called down until its parent would have been seen', () => {
    const network = scene(['router', [], 30], ['ap', ['router']]);
    network.sees('ap', 'a:down');
    network.pass(29);
    expect(network.verdict('ap')).toMatchObject({ state: 'up', reason: 'down for a; its parents are looked at first' });
    network.sees('router', 'a:down');
    network.pass(600);
    expect(network.states('ap')).toEqual(['up', 'unreachable']);
  });

  it('is called down when the parent has had the time, and it is down since it was seen so', () => {
    const network = scene(['router', [], 30], ['ap', ['router']]);
    network.pass(100);
    network.sees('ap', 'a:down');
    network.pass(34);
    expect(network.verdict('ap').state).toBe('up');
    network.pass(1);
    expect(network.verdict('ap')).toMatchObject({ state: 'down', since: stamp(100), reason: 'down for a' });
  });

  it('is called down as soon as its monitor sees the parent answer', () => {
    const network = scene(['router'], ['ap', ['router']]);
    network.pass(100);
    network.sees('ap', 'a:down');
    network.probed('a', 'router', { at: stamp(99) });
    network.pass(7);
    network.probed('a', 'router', { loss_percent: 66.667 });
    network.probed('b', 'router');
    network.pass(1);
    expect(network.verdict('ap').state).toBe('up');
    network.probed('a', 'ap');
    expect(network.verdicts.nextDeadline_ms).toBeGreaterThan(network.now.monotonic_ms);
    network.probed('a', 'router');
    expect(network.verdicts.nextDeadline_ms).toBeLessThanOrEqual(network.now.monotonic_ms);
    network.settle();
    expect(network.verdict('ap').state).toBe('down');
  });

  it('waits so at the start of the service too', () => {
    const network = new Scene();
    network.monitors('a');
    network.device('router', 'a:unprobed');
    network.device('ap', 'a:down', { parents: ['router'] });
    network.pass(10);
    network.sees('router', 'a:down');
    network.pass(100);
    expect(network.states('ap')).toEqual(['unknown', 'unreachable']);
  });
});

describe('when a parent is back', () => {
  it('a child is up once it answers, and never down in between', () => {
    const network = scene(['router'], ['ap', ['router']]);
    network.sees('router', 'a:down');
    network.sees('ap', 'a:down');
    network.pass(300);
    network.sees('router', 'a:up');
    network.pass(50);
    network.sees('ap', 'a:up');
    network.pass(300);
    expect(network.states('router')).toEqual(['up', 'down', 'up']);
    expect(network.states('ap')).toEqual(['up', 'unreachable', 'up']);
  });

  it('a child that does not come back is down once it was looked at again', () => {
    const network = scene(['router'], ['ap', ['router'], 20]);
    network.sees('router', 'a:down');
    network.sees('ap', 'a:down');
    network.pass(300);
    network.sees('router', 'a:up');
    network.pass(10 + 24);
    expect(network.verdict('ap')).toMatchObject({
      state: 'unreachable',
      reason: 'down for a; a parent of it stands again, and it is looked at again first',
    });
    network.pass(1);
    expect(network.verdict('ap')).toMatchObject({ state: 'down', since: stamp(0) });
  });
});

it('the reason of a child follows what is said of its parent', () => {
  const network = scene(['core'], ['router', ['core'], 20], ['ap', ['router']]);
  for (const device of ['core', 'router', 'ap']) network.sees(device, 'a:down');
  network.pass(60);
  network.sees('core', 'a:up');
  network.pass(30);
  expect(network.verdict('ap').reason).toBe('its parent router is unreachable');
  network.pass(30);
  expect(network.states('router')).toEqual(['up', 'unreachable', 'down']);
  expect(network.verdict('ap')).toMatchObject({ state: 'unreachable', reason: 'its parent router is down' });
});

describe('devices that are each other’s parents', () => {
  it('are down, all of them, when nothing else explains it', () => {
    const network = scene(['x', ['y']], ['y', ['x']], ['own', ['own']]);
    for (const device of ['x', 'y', 'own']) network.sees(device, 'a:down');
    network.pass(600);
    for (const device of ['x', 'y', 'own']) expect(network.states(device)).toEqual(['up', 'down']);
  });

  it('are unreachable when something outside of the circle has gone', () => {
    const network = scene(['router'], ['x', ['y', 'router']], ['y', ['x']]);
    for (const device of ['x', 'y', 'router']) network.sees(device, 'a:down');
    network.pass(600);
    expect(network.states('router')).toEqual(['up', 'down']);
    expect(network.states('x')).toEqual(['up', 'unreachable']);
    expect(network.states('y')).toEqual(['up', 'unreachable']);
  });

  it('are explained by one of them that is still called down, once the next stands again', () => {
    const network = new Scene({ hold: () => ({ up_s: 1, down_s: 0, disputed_s: 5, unknown_s: 20 }) });
    network.monitors('a');
    for (const [device, parent] of [['x', 'y'] as const, ['y', 'z'] as const, ['z', 'x'] as const])
      network.device(device, 'a:down', { parents: [parent] });
    network.settle();
    network.sees('y', '');
    network.sees('z', 'a:up');
    network.pass(2);
    expect(network.states('z')).toEqual(['down', 'up']);
    expect(network.states('y')).toEqual(['down']);
    expect(network.states('x')).toEqual(['down', 'unreachable']);
  });

  it('explain what is below them', () => {
    const network = scene(['x', ['y']], ['y', ['x']], ['ap', ['x']]);
    for (const device of ['x', 'y', 'ap']) network.sees(device, 'a:down');
    network.pass(600);
    expect(network.verdict('ap')).toMatchObject({ state: 'unreachable', reason: 'its parent x is down' });
  });
});

it('a router that dies with 30 devices behind it is one device down, in whatever order they are seen', () => {
  const network = scene(['router']);
  const behind = Array.from({ length: 30 }, (_, n) => `d${n}`);
  for (const device of behind) network.device(device, 'a:up', { parents: ['router'] });
  network.settle();
  for (const [n, device] of [...behind.slice(0, 17), 'router', ...behind.slice(17)].entries()) {
    network.pass(n === 0 ? 10 : 2);
    network.sees(device, 'a:down');
  }
  network.pass(600);
  for (const device of ['router', ...behind]) network.sees(device, 'a:up');
  network.pass(600);
  expect(network.states('router')).toEqual(['up', 'down', 'up']);
  for (const device of behind) expect(network.states(device)).toEqual(['up', 'unreachable', 'up']);
});
