import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Audience } from './audience.testdata.ts';

let audience: Audience;
beforeEach(async () => {
  audience = new Audience();
  await audience.start();
  for (const monitor of ['a', 'b', 'c']) audience.monitor(monitor);
});
afterEach(() => audience.stop());

const WELL = { a: 'answering', b: 'answering', c: 'answering' } as const;
const DOWN = { a: 'down', b: 'down', c: 'answering' } as const;

describe('the alert service', () => {
  it('says what all monitors together say of a device, by what assign says of them', async () => {
    audience.device('router', WELL);
    await audience.service('a');
    await audience.pass(15);
    expect(audience.state('router')).toMatchObject({ state: 'up', seen_by: [{ monitor: 'a' }, {}, {}] });
    audience.device('router', DOWN);
    await audience.pass(1);
    expect(audience.state('router')).toMatchObject({ state: 'down', episode: 1 });
    audience.device('router', undefined);
    await audience.pass(1);
    expect(audience.state('router')).toBeUndefined();
  });

  it('tells what those who see it down have measured of it', async () => {
    audience.device('router', WELL);
    audience.measured('a', 'router', 0);
    await audience.service('a');
    await audience.pass(15);
    expect(audience.state('router')?.seen_by[0]).not.toHaveProperty('loss_percent');
    audience.device('router', DOWN);
    await audience.pass(1);
    expect(audience.state('router')?.seen_by[0]).toMatchObject({ monitor: 'a', loss_percent: 100 });
  });

  it('is silent while it is another’s turn, and then says only what differs from what that one said', async () => {
    for (const device of ['same', 'new']) audience.device(device, WELL);
    const a = await audience.service('a');
    const b = await audience.service('b', false);
    await audience.pass(15);
    expect(audience.states.sort()).toEqual(expect.arrayContaining(['new up', 'same up']));
    const { since } = audience.state('same')!;
    a.pass(false);
    audience.states.length = 0;
    audience.device('new', DOWN);
    await audience.pass(5);
    expect(audience.states).toEqual([]);
    b.pass(true);
    await audience.pass(5);
    expect(audience.states).toEqual(['new down']);
    expect(audience.state('same')?.since).toBe(since);
  });

  it('goes on after a restart from what it said, and takes away what is said of devices that are gone', async () => {
    for (const device of ['stays', 'goes']) audience.device(device, WELL);
    const first = await audience.service('a');
    await audience.pass(15);
    const before = audience.state('stays');
    await first.stop();
    await audience.pass(60);
    audience.device('goes', undefined);
    await audience.service('a');
    await audience.pass(40);
    expect(audience.state('goes')).toBeUndefined();
    expect(audience.state('stays')).toEqual(before);
  });

  it('lets go of a device that was taken out while the broker was away', async () => {
    for (const device of ['stays', 'goes']) audience.device(device, WELL);
    await audience.service('a');
    await audience.pass(15);
    audience.broker.bar('a-alert');
    audience.device('goes', undefined);
    await audience.pass(1);
    audience.broker.admit('a-alert');
    await audience.pass(30);
    expect(audience.state('goes')).toBeUndefined();
    expect(audience.state('stays')).toMatchObject({ state: 'up' });
  });

  it('does nothing while nothing changes', async () => {
    for (let n = 0; n < 200; n += 1) audience.device(`d${n}`, WELL);
    const { count } = await audience.service('a');
    // Whom nobody speaks of is believed to be gone after a minute.
    await audience.pass(90);
    const turns = await count('guaita_alert_turns_total');
    audience.states.length = 0;
    await audience.pass(600);
    expect(await count('guaita_alert_turns_total')).toBe(turns);
    expect(audience.states).toEqual([]);
  });

  it('says nothing before it has heard what was said before', async () => {
    audience.device('router', WELL);
    const { health } = await audience.service('a', false);
    await audience.pass(15);
    expect(audience.states).toEqual([]);
    expect(health.ok).toBe(true);
  });

  it('alerts once when a device goes down, keeps that as open, and tells when it is over', async () => {
    audience.device('router', WELL);
    await audience.service('a');
    await audience.pass(15);
    audience.device('router', DOWN);
    await audience.pass(1);
    expect(audience.alerts).toMatchObject([{ kind: 'down', severity: 'critical', subject: 'router', resolves: false }]);
    expect(audience.open).toEqual([audience.alerts[0]?.id]);
    await audience.pass(3600);
    audience.device('router', WELL);
    await audience.pass(15);
    const { id } = audience.alerts[0]!;
    expect(audience.alerts).toMatchObject([{ id }, { id, resolves: true }]);
    expect(audience.open).toEqual([]);
  });

  it('takes over and restarts with no alert lost and none said twice', async () => {
    for (const device of ['before', 'between', 'ends']) audience.device(device, WELL);
    const a = await audience.service('a');
    const b = await audience.service('b', false);
    await audience.pass(15);
    for (const device of ['before', 'ends']) audience.device(device, DOWN);
    await audience.pass(5);
    await a.stop();
    audience.device('between', DOWN);
    audience.device('ends', WELL);
    await audience.pass(15);
    b.pass(true);
    await audience.pass(5);
    await b.stop();
    await audience.service('b');
    await audience.pass(60);
    const told = audience.alerts.map(({ subject, resolves }) => `${subject} ${resolves ? 'is back' : 'is down'}`);
    expect(told.sort()).toEqual(['before is down', 'between is down', 'ends is back', 'ends is down']);
    expect(audience.open).toHaveLength(2);
  });

  it('ends the alert on a device that was taken out while nobody spoke', async () => {
    for (const device of ['stays', 'goes']) audience.device(device, DOWN);
    const first = await audience.service('a');
    await audience.pass(15);
    expect(audience.open).toHaveLength(2);
    await first.stop();
    audience.device('goes', undefined);
    await audience.service('a');
    await audience.pass(90);
    expect(audience.alerts.filter(({ resolves }) => resolves)).toMatchObject([{ subject: 'goes' }]);
    expect(audience.open).toHaveLength(1);
  });
});
