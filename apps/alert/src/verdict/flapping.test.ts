import type { VerdictState } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { Flapping } from './flapping.ts';
import { Scene } from './scene.ts';

const OPTIONS = { changes: 3, within_s: 60 };

/** The moments, in seconds, of a device's states: whether it flaps after each. */
function flaps(...states: readonly (readonly [at_s: number, state: VerdictState])[]): boolean[] {
  const flapping = new Flapping();
  return states.map(([at_s, state]) => {
    flapping.note(state, at_s * 1000, OPTIONS);
    return flapping.calm_ms(at_s * 1000) !== undefined;
  });
}

describe('a device', () => {
  it('flaps from the change on that is one too many', () => {
    expect(flaps([0, 'up'], [10, 'down'], [20, 'up'], [30, 'down'], [40, 'up'])).toEqual([
      ...[false, false, false, false, true],
    ]);
  });

  it('does not flap when its changes lie further apart', () => {
    expect(flaps([0, 'up'], [20, 'down'], [40, 'up'], [60, 'down'], [80, 'up'])).not.toContain(true);
  });

  it('does not change by being disputed, unknown or unreachable for a while', () => {
    expect(
      flaps(
        [0, 'up'],
        [1, 'disputed'],
        [2, 'up'],
        [3, 'unknown'],
        [4, 'up'],
        [5, 'unreachable'],
        [6, 'up'],
        [7, 'down'],
      ),
    ).not.toContain(true);
  });

  it('flaps until it has not changed for twice the time between such changes', () => {
    const flapping = new Flapping();
    for (const [n, state] of (['up', 'down', 'up', 'down', 'up', 'down'] as const).entries())
      flapping.note(state, n * 15_000, OPTIONS);
    expect(flapping.calm_ms(75_000)).toBe(75_000 + 40_000);
    flapping.note('up', 100_000, OPTIONS);
    expect(flapping.calm_ms(139_999)).toBe(140_000);
    expect(flapping.calm_ms(140_000)).toBeUndefined();
  });

  it('that was calm has to change as often again to flap again', () => {
    const flapping = new Flapping();
    flapping.note('down', 0, OPTIONS);
    flapping.begin(0, OPTIONS);
    for (const [n, state] of (['up', 'down', 'up'] as const).entries()) {
      flapping.note(state, 41_000 + n * 1000, OPTIONS);
      expect(flapping.calm_ms(41_000 + n * 1000)).toBeUndefined();
    }
  });
});

it('a verdict says of a device that keeps going down and coming back that it flaps, and when that is over', () => {
  const scene = new Scene();
  scene.monitors('a');
  scene.device('ap', 'a:up');
  scene.pass(60);
  for (let n = 0; n < 50; n++) {
    scene.sees('ap', 'a:down');
    scene.pass(60);
    scene.sees('ap', 'a:up');
    scene.pass(60);
  }
  const begun = scene.changes.findIndex(({ after }) => after?.flapping === true);
  const states = scene.changes.slice(0, begun + 1).map(({ after }) => after?.state);
  expect(states.filter((state, n) => state !== states[n - 1])).toEqual(['up', 'down', 'up', 'down', 'up', 'down']);
  expect(scene.changes.slice(begun).every(({ after }) => after?.flapping === true)).toBe(true);
  expect(scene.verdict('ap').reason).toBe('answering for a; it keeps going down and coming back');
  scene.pass(900);
  expect(scene.verdict('ap')).not.toHaveProperty('flapping');
  expect(scene.verdict('ap').reason).toBe('answering for a');
});

it('what is behind a device that flaps does not flap', () => {
  const scene = new Scene();
  scene.monitors('a');
  scene.device('router', 'a:up');
  scene.device('ap', 'a:up', { parents: ['router'] });
  for (let n = 0; n < 20; n++) {
    scene.pass(60);
    scene.sees('ap', 'a:down');
    scene.pass(5);
    scene.sees('router', 'a:down');
    scene.pass(60);
    scene.sees('router', 'a:up');
    scene.pass(40);
    scene.sees('ap', 'a:up');
  }
  expect(scene.changes.some(({ device, after }) => device === 'router' && after?.flapping === true)).toBe(true);
  expect(scene.changes.some(({ device, after }) => device === 'ap' && after?.flapping === true)).toBe(false);
  expect(scene.states('ap')).not.toContain('down');
});
