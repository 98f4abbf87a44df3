import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Listener } from './listener.ts';
import { inventory, NO_DEVICES, Stage } from './stage.ts';

const PORT = 1895;
const DEVICES = Array.from({ length: 10 }, (_, n) => `d${n}`);

/** Two monitors of a small site that have nothing but one Mosquitto. */
let stage: Stage;
let listener: Listener;
/** Alerts on devices and their ends, in few words. */
const alerts: string[] = [];

beforeAll(async () => {
  const devices = DEVICES.map((device, n) => [device, `10.200.0.${n + 1}`] as const);
  stage = await Stage.begin({ 'all.yaml': inventory(Object.fromEntries(devices)) });
  await stage.mosquitto(PORT);
  for (const monitor of ['ada', 'bob']) {
    stage.up(monitor, {
      ...{ broker: `mqtt://127.0.0.1:${PORT}`, 'monitors-per-device': '2' },
      devices: monitor === 'bob' ? 'all.yaml' : NO_DEVICES,
    });
  }
  listener = stage.listen('bob', PORT);
  listener.alerts(({ kind, resolves, subject }) => {
    if (kind === 'down') alerts.push(`${String(subject)} ${resolves === true ? 'is back' : 'is down'}`);
  });
}, 120_000);

afterAll(() => stage.end());

const spec = (device: string): unknown => listener.newest.get(`guaita/device/${device}/spec`);

it('speak with one voice, and another goes on where the one that spoke is killed', { timeout: 180_000 }, async () => {
  await eventually(() => {
    for (const device of DEVICES) expect(spec(device)).toMatchObject({ monitors: ['ada', 'bob'] });
  });
  const added = await stage.guaita(PORT, 'devices', 'add', '10.200.1.1', '--id', 'x');
  expect([added.code, added.stdout]).toEqual([0, 'the device is added (ada)\n']);
  await eventually(() => expect(spec('x')).toMatchObject({ monitors: ['ada', 'bob'], source: 'command' }));

  await stage.namespace.silence('10.200.0.1');
  await eventually(() => expect(alerts).toEqual(['d0 is down']));
  // Only what is kept is known to who comes next: what a crash cuts off before that is said twice, under one id.
  await eventually(() => expect([...listener.newest.keys()].join()).toContain('guaita/alert-open/'));

  const killed = stage.monitors.get('ada')?.stop('SIGKILL');
  await stage.namespace.silence('10.200.0.2');
  await killed;
  await eventually(() => {
    for (const device of DEVICES) expect(spec(device)).toMatchObject({ monitors: ['bob'] });
    expect(listener.newest.get('guaita/cluster/ada')).toMatchObject({ alive: false });
  });
  const removed = await stage.guaita(PORT, 'devices', 'remove', 'x');
  expect([removed.code, removed.stdout]).toEqual([0, 'the device is removed (bob)\n']);
  await eventually(() => expect(spec('x')).toBeUndefined());

  // What was said is not said again, and what nobody said while nobody spoke is.
  await eventually(() => expect(alerts).toEqual(['d0 is down', 'd1 is down']));
  await stage.namespace.wake('10.200.0.1');
  await eventually(() => expect(alerts).toEqual(['d0 is down', 'd1 is down', 'd0 is back']));
});
