import { describe, expect, it, test } from 'vitest';
import { ALERT_DEFAULTS } from '../alerts/options.ts';
import { Alerts } from '../alerts/alerts.ts';
import { Scene, stamp } from '../verdict/scene.ts';
import type { MaintenanceWindow } from './maintenance.ts';

/** A window from 12:10 to 12:30: from 600 s to 1,800 s of a scene. */
const NOON: MaintenanceWindow = {
  ...{ cron: '10 12 * * *', timezone: 'UTC', duration_ms: 1_200_000, why: 'new firmware' },
  ...{ devices: ['ap'], tags: [], sites: [] },
};

function scene(...windows: readonly Partial<MaintenanceWindow>[]): Scene {
  const maintenance = windows.map((window) => ({ ...NOON, ...window }));
  const made = new Scene({ maintenance });
  made.monitors('a b');
  made.device('ap', 'a:up b:up');
  return made;
}

describe('a device in maintenance', () => {
  it('is up when it answers, and what is amiss with it is called maintenance', () => {
    const noon = scene({});
    noon.pass(599);
    expect(noon.verdict('ap').maintenance).toBeUndefined();
    noon.pass(1);
    expect(noon.verdict('ap')).toMatchObject({
      state: 'up',
      maintenance: { why: 'new firmware', until: stamp(1800) },
      reason: `answering for a and b; in maintenance until ${stamp(1800)}: new firmware`,
    });
    noon.sees('ap', 'a:down b:down');
    noon.pass(5);
    noon.sees('ap', 'a:up b:up');
    noon.pass(10);
    noon.sees('ap', 'a:up b:down');
    noon.pass(10);
    noon.sees('ap', 'a:up b:up');
    noon.pass(2000);
    expect(noon.states('ap')).toEqual(['up', 'maintenance', 'up', 'maintenance', 'up']);
    expect(noon.verdict('ap').maintenance).toBeUndefined();
  });

  it('that was down before is in maintenance until the window ends, and is down then, of the same outage', () => {
    const noon = scene({});
    noon.pass(100);
    noon.sees('ap', 'a:down#7 b:down#7');
    noon.pass(2000);
    expect(noon.states('ap')).toEqual(['up', 'down', 'maintenance', 'down']);
    expect(noon.verdict('ap')).toMatchObject({ state: 'down', episode: 7, since: stamp(100) });
  });

  it('that went down in it is down when the window ends, at once', () => {
    const noon = scene({});
    noon.pass(1000);
    noon.sees('ap', 'a:down#7 b:down#7');
    noon.pass(799);
    expect(noon.verdict('ap').state).toBe('maintenance');
    noon.pass(1);
    expect(noon.verdict('ap')).toMatchObject({ state: 'down', episode: 7, since: stamp(1000) });
  });

  it('explains its children: they are unreachable, and it is named', () => {
    const noon = scene({});
    noon.device('phone', 'a:up b:up', { parents: ['ap'] });
    noon.pass(700);
    noon.sees('ap', 'a:down b:down');
    noon.sees('phone', 'a:down b:down');
    noon.pass(10);
    expect([noon.verdict('ap').state, noon.verdict('phone').state]).toEqual(['maintenance', 'unreachable']);
    expect(noon.verdict('phone').reason).toBe('its parent ap is in maintenance');
    noon.pass(1200);
    expect([noon.verdict('ap').state, noon.verdict('phone').state]).toEqual(['down', 'unreachable']);
  });

  it('is in maintenance, not unreachable, where its parent is gone', () => {
    const noon = scene({});
    noon.device('router', 'a:up b:up');
    noon.device('ap', 'a:up b:up', { parents: ['router'] });
    noon.pass(700);
    noon.sees('router', 'a:down b:down');
    noon.sees('ap', 'a:down b:down');
    noon.pass(10);
    expect([noon.verdict('router').state, noon.verdict('ap').state]).toEqual(['down', 'maintenance']);
  });

  it('of which nobody can tell is unknown', () => {
    const noon = scene({});
    noon.pass(700);
    noon.monitors('a b', { isolated: true });
    noon.pass(60);
    expect(noon.verdict('ap').state).toBe('unknown');
  });
});

describe('windows', () => {
  it('that overlap are one to the last end, and the last to end says why', () => {
    const noon = scene({}, { cron: '20 12 * * *', why: 'a new mast' });
    noon.pass(610);
    expect(noon.verdict('ap').maintenance).toEqual({ why: 'new firmware', until: stamp(1800) });
    noon.pass(600);
    expect(noon.verdict('ap').maintenance).toEqual({ why: 'a new mast', until: stamp(2400) });
    noon.sees('ap', 'a:down b:down');
    noon.pass(1189);
    expect(noon.states('ap')).toEqual(['up', 'maintenance']);
    noon.pass(1);
    expect(noon.states('ap')).toEqual(['up', 'maintenance', 'down']);
  });

  test.each<[string, Partial<MaintenanceWindow>, boolean]>([
    ['another device', { devices: ['router'] }, false],
    ['its tag', { devices: [], tags: ['roof'] }, true],
    ['another tag', { devices: [], tags: ['cellar'] }, false],
    ['its device and another tag', { tags: ['cellar'] }, false],
    ['the only site whose monitors may watch it', { devices: [], sites: ['home'] }, true],
    ['another site', { devices: [], sites: ['work'] }, false],
  ])('of %s', (_, window, isIn) => {
    const noon = scene(window);
    noon.device('ap', 'a:up b:up', { tags: ['roof'] });
    noon.pass(700);
    expect(noon.verdict('ap').maintenance !== undefined).toBe(isIn);
  });

  it('of a site are no longer of a device that monitors of another come to watch', () => {
    const noon = scene({ devices: [], sites: ['home'] });
    noon.pass(700);
    expect(noon.verdict('ap').maintenance).toBeDefined();
    noon.monitors('c', { site: 'work' });
    noon.pass(1);
    expect(noon.verdict('ap').maintenance).toBeUndefined();
  });

  it('are of a device that is added, or changed, while they are open', () => {
    const noon = scene({ devices: [], tags: ['roof'] });
    noon.pass(700);
    noon.device('mast', 'a:down b:down', { tags: ['roof'] });
    noon.device('ap', 'a:up b:up', { tags: ['roof'] });
    noon.pass(1);
    expect([noon.verdict('mast').state, noon.verdict('ap').maintenance !== undefined]).toEqual(['maintenance', true]);
  });
});

describe('alerts', () => {
  /** What is told of the scene in the end, and what is open. */
  function told(noon: Scene, act: (pass: (seconds: number) => void) => void) {
    const alerts = new Alerts(ALERT_DEFAULTS, 'home');
    const said: string[] = [];
    let seen = 0;
    const open = new Set<string>();
    const pass = (seconds: number): void => {
      for (let second = 0; second < seconds; second += 1) {
        noon.pass(1);
        for (const change of noon.changes.slice(seen)) {
          if (change.before === undefined) alerts.spec(change.device, change.spec, noon.now);
          alerts.verdict(change, noon.now);
        }
        seen = noon.changes.length;
        for (const effect of alerts.advance(noon.now)) {
          if (effect.kind === 'say') said.push(`${effect.alert.kind} ${effect.alert.resolves ? 'over' : 'begins'}`);
          else if (effect.alert === undefined) open.delete(effect.id);
          else open.add(effect.id);
        }
      }
    };
    act(pass);
    return { said, open: open.size };
  }

  it('that are open when a window begins stay so until the device is up, and none begins in it', () => {
    const noon = scene({});
    const before = told(noon, (pass) => {
      pass(100);
      noon.sees('ap', 'a:down b:down');
      pass(700);
    });
    expect(before).toEqual({ said: ['down begins'], open: 1 });
    const up = told(scene({}), (pass) => pass(700));
    expect(up).toEqual({ said: [], open: 0 });
    const again = scene({});
    const whole = told(again, (pass) => {
      pass(100);
      again.sees('ap', 'a:down b:down');
      pass(900);
      again.sees('ap', 'a:up b:up');
      pass(100);
      again.sees('ap', 'a:down#2 b:down#2');
      pass(400);
      again.sees('ap', 'a:up b:down');
      pass(200);
    });
    expect(whole).toEqual({ said: ['down begins', 'down over'], open: 0 });
  });

  it('begin when the window ends and the device is down', () => {
    const noon = scene({});
    const whole = told(noon, (pass) => {
      pass(700);
      noon.sees('ap', 'a:down b:down');
      pass(1000);
      expect(noon.verdict('ap').state).toBe('maintenance');
      pass(200);
    });
    expect(whole).toEqual({ said: ['down begins'], open: 1 });
  });
});
