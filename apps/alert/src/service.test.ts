import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerdictState } from '@guaita/model';
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

/** All of these are said to be in this state. */
function expectState(state: VerdictState, ...devices: string[]): void {
  for (const device of devices) expect(audience.state(device)).toMatchObject({ state });
}

describe('the alert service', () => {
  it('says what all monitors together say of a device, by what assign says of them', async () => {
    audience.device('router', WELL);
    await audience.service('a');
    await audience.until(
      () => expect(audience.state('router')).toMatchObject({ state: 'up', seen_by: [{ monitor: 'a' }, {}, {}] }),
      1,
    );
    audience.device('router', DOWN);
    await audience.until(() => expect(audience.state('router')).toMatchObject({ state: 'down', episode: 1 }), 1);
    audience.device('router', undefined);
    await audience.until(() => expect(audience.state('router')).toBeUndefined(), 1);
  });

  it('tells what those who see it down have measured of it', async () => {
    audience.device('router', WELL);
    audience.measured('a', 'router', 0);
    await audience.service('a');
    await audience.until(() => expectState('up', 'router'), 1);
    expect(audience.state('router')?.seen_by[0]).not.toHaveProperty('loss_percent');
    audience.device('router', DOWN);
    await audience.until(() => {
      expect(audience.state('router')?.seen_by[0]).toMatchObject({ monitor: 'a', loss_percent: 100 });
    }, 1);
  });

  it('is silent while it is another’s turn, and then says only what differs from what that one said', async () => {
    for (const device of ['same', 'new']) audience.device(device, WELL);
    const a = await audience.service('a');
    const b = await audience.service('b', false);
    await audience.until(() => expect(audience.states.sort()).toEqual(['new up', 'same up']), 1);
    const { since } = audience.state('same')!;
    a.pass(false);
    audience.states.length = 0;
    audience.device('new', DOWN);
    await audience.pass(5);
    expect(audience.states).toEqual([]);
    b.pass(true);
    await audience.until(() => expect(audience.states).toEqual(['new down']), 1);
    expect(audience.state('same')?.since).toBe(since);
  });

  it('goes on after a restart from what it said, and takes away what is said of devices that are gone', async () => {
    for (const device of ['stays', 'goes']) audience.device(device, WELL);
    const first = await audience.service('a');
    await audience.until(() => expectState('up', 'stays', 'goes'), 1);
    const before = audience.state('stays');
    await first.stop();
    await audience.pass(60);
    audience.device('goes', undefined);
    await audience.service('a');
    await audience.until(() => expect(audience.state('goes')).toBeUndefined(), 1);
    expect(audience.state('stays')).toEqual(before);
  });

  it('lets go of a device that was taken out while the broker was away', async () => {
    for (const device of ['stays', 'goes']) audience.device(device, WELL);
    await audience.service('a');
    await audience.until(() => expectState('up', 'stays', 'goes'), 1);
    audience.broker.bar('a-alert');
    audience.device('goes', undefined);
    await audience.pass(1);
    audience.broker.admit('a-alert');
    await audience.until(() => expect(audience.state('goes')).toBeUndefined(), 1);
    expectState('up', 'stays');
  });

  it('does nothing while nothing changes', async () => {
    const devices = Array.from({ length: 200 }, (_, n) => `d${n}`);
    for (const device of devices) audience.device(device, WELL);
    const { count } = await audience.service('a');
    await audience.until(() => expectState('up', ...devices), 1);
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
    await audience.until(() => expectState('up', 'router'), 1);
    audience.device('router', DOWN);
    const down = { kind: 'down', severity: 'critical', subject: 'router', resolves: false };
    await audience.until(() => expect(audience.alerts).toMatchObject([down]), 1);
    const { id } = audience.alerts[0]!;
    expect(audience.open).toEqual([id]);
    await audience.pass(3600);
    audience.device('router', WELL);
    await audience.until(() => expect(audience.alerts).toMatchObject([{ id }, { id, resolves: true }]), 1);
    expect(audience.open).toEqual([]);
  });

  it('tells of a device that one of three sees down when that has lasted for five minutes, and not before', async () => {
    audience.device('router', WELL);
    await audience.service('a');
    await audience.until(() => expectState('up', 'router'), 1);
    audience.device('router', { ...WELL, a: 'down' });
    await audience.until(() => expectState('disputed', 'router'), 1);
    await audience.pass(290);
    expect(audience.alerts).toEqual([]);
    await audience.pass(15);
    expect(audience.alerts).toMatchObject([{ kind: 'disputed', subject: 'router', resolves: false }]);
    expect(audience.alerts[0]?.text).toContain('down for a, answering for b and c');
  });

  it('says an alert and that it is open in one go, as it does its end: nothing can come between', async () => {
    audience.device('router', WELL);
    await audience.service('a');
    await audience.until(() => expectState('up', 'router'), 1);
    const openThen: number[] = [];
    audience.onAlert = () => void queueMicrotask(() => openThen.push(audience.open.length));
    audience.device('router', DOWN);
    await audience.until(() => expect(openThen).toEqual([1]), 1);
    audience.device('router', WELL);
    await audience.until(() => expect(openThen).toEqual([1, 0]), 1);
  });

  it('tells of an interface that goes down, over a restart and a handover, until it is up', async () => {
    audience.device('router', WELL);
    const [a, b] = [await audience.service('a'), await audience.service('b', false)];
    await audience.until(() => expectState('up', 'router'), 1);
    for (const oper of ['up', 'down', 'down'] as const) {
      audience.polled('a', 'router', oper);
      await audience.pass(60);
    }
    const down = { kind: 'interface-down', subject: 'router', part: 'eth0', resolves: false };
    await audience.until(() => expect(audience.alerts).toMatchObject([down]), 1);
    expect(audience.alerts[0]?.text).toContain('Interface eth0 of router is down');
    await a.stop();
    const again = await audience.service('a');
    audience.polled('a', 'router', 'down');
    await audience.pass(60);
    // Another polls it from now on, and speaks.
    again.pass(false);
    b.pass(true);
    audience.polled('b', 'router', 'down');
    await audience.pass(60);
    audience.monitor('a', { alive: false });
    audience.device('router', { b: 'answering', c: 'answering' });
    for (let n = 0; n < 20; n += 1) {
      audience.polled('b', 'router', 'down');
      await audience.pass(60);
    }
    expect(audience.alerts.filter(({ kind }) => kind === 'interface-down')).toHaveLength(1);
    for (let n = 0; n < 2; n += 1) {
      audience.polled('b', 'router', 'up');
      await audience.pass(60);
    }
    const told = (): unknown[] => audience.alerts.filter(({ kind }) => kind === 'interface-down');
    await audience.until(() => expect(told()).toMatchObject([down, { ...down, resolves: true }]), 1);
    expect(b.health.ok).toBe(true);
  });

  it('tells of an interface that fell while no alert service ran', async () => {
    audience.device('router', WELL);
    const { stop } = await audience.service('a');
    await audience.until(() => expectState('up', 'router'), 1);
    audience.polled('a', 'router', 'up');
    await audience.pass(60);
    await stop();
    // What the broker keeps tells nothing of before any more.
    audience.polled('a', 'router', 'down');
    await audience.pass(6 * 3600);
    await audience.service('a');
    for (let n = 0; n < 2; n += 1) {
      audience.polled('a', 'router', 'down');
      await audience.pass(60);
    }
    await audience.until(() => expect(audience.openOn('router')).toMatchObject({ kind: 'interface-down' }), 1);
  });

  it('tells of an interface that fell while none ran also by what the broker keeps of the last poll', async () => {
    audience.device('router', WELL);
    audience.polled('a', 'router', 'up');
    await audience.service('a');
    await audience.until(() => expectState('up', 'router'), 1);
    for (let n = 0; n < 2; n += 1) {
      audience.polled('a', 'router', 'down');
      await audience.pass(60);
    }
    await audience.until(() => expect(audience.openOn('router')).toMatchObject({ kind: 'interface-down' }), 1);
  });

  it('goes on without what it measured before where that is torn, and says so in no alert', async () => {
    audience.device('router', WELL);
    const { stop, dataDir } = await audience.service('a');
    await audience.until(() => expectState('up', 'router'), 1);
    audience.polled('a', 'router', 'up');
    await audience.pass(60);
    await stop();
    const file = join(dataDir, 'measured.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, text.length / 2));
    const { health } = await audience.service('a');
    await audience.until(() => expectState('up', 'router'), 1);
    expect(await readFile(`${file}.bad`, 'utf8')).toBe(text.slice(0, text.length / 2));
    expect([health.ok, audience.alerts]).toEqual([true, []]);
  });

  it('keeps each hour what it measured', async () => {
    audience.device('router', WELL);
    const { dataDir } = await audience.service('a');
    await audience.until(() => expectState('up', 'router'), 1);
    const file = join(dataDir, 'measured.json');
    for (let minutes = 0; minutes < 58; minutes += 1) {
      audience.polled('a', 'router', 'up');
      await audience.pass(60);
    }
    expect(existsSync(file)).toBe(false);
    await audience.pass(180);
    await audience.until(() => expect(existsSync(file)).toBe(true));
    expect(await readFile(file, 'utf8')).toContain('"devices":[{"device":"router","up":["eth0"]}]');
  });

  it('takes over and restarts with no alert lost and none said twice', async () => {
    for (const device of ['before', 'between', 'ends']) audience.device(device, WELL);
    const a = await audience.service('a');
    const b = await audience.service('b', false);
    await audience.until(() => expectState('up', 'before', 'between', 'ends'), 1);
    for (const device of ['before', 'ends']) audience.device(device, DOWN);
    await audience.until(() => expect(audience.open).toHaveLength(2), 1);
    await a.stop();
    audience.device('between', DOWN);
    audience.device('ends', WELL);
    await audience.pass(15);
    b.pass(true);
    const told = (): string[] =>
      audience.alerts.map(({ subject, resolves }) => `${subject} ${resolves ? 'is back' : 'is down'}`).sort();
    const expected = ['before is down', 'between is down', 'ends is back', 'ends is down'];
    await audience.until(() => expect(told()).toEqual(expected), 1);
    await b.stop();
    const { health } = await audience.service('b');
    await audience.until(() => expect(health.ok).toBe(true), 1);
    await audience.pass(60);
    expect(told()).toEqual(expected);
    expect(audience.open).toHaveLength(2);
  });

  it('ends the alert on a device that was taken out while nobody spoke', async () => {
    for (const device of ['stays', 'goes']) audience.device(device, DOWN);
    const first = await audience.service('a');
    await audience.until(() => expect(audience.open).toHaveLength(2), 1);
    await first.stop();
    audience.device('goes', undefined);
    await audience.service('a');
    await audience.until(() => expect(audience.open).toHaveLength(1), 1);
    expect(audience.alerts.filter(({ resolves }) => resolves)).toMatchObject([{ subject: 'goes' }]);
  });
});
