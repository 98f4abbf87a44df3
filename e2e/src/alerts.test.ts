import type { Ran } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GuaitaProcess } from './guaita-process.ts';
import type { Listener } from './listener.ts';
import { Stage } from './stage.ts';

const PORT = 1896;
const BROKER = `mqtt://127.0.0.1:${PORT}`;

let stage: Stage;
let watch: GuaitaProcess;
let listener: Listener;
/** Alerts and their ends, as a stranger hears them. */
const alerts: Readonly<Record<string, unknown>>[] = [];

beforeAll(async () => {
  const lines = [
    'defaults: { ping: { interval_s: 5, count: 1 } }',
    'devices:',
    '  - { name: router, address: 10.200.0.1 }',
    '  - { name: Roof AP, id: ap, address: 10.200.0.2, parents: [router] }',
    '',
  ];
  stage = await Stage.begin({ 'devices.yaml': lines.join('\n') });
  await start();
  watch = watchAlerts();
}, 120_000);

afterAll(async () => {
  await watch.stop('SIGKILL');
  await stage.end();
});

function watchAlerts(): GuaitaProcess {
  return new GuaitaProcess(stage.namespace, ['watch', '--alerts', '--json', '--broker', BROKER], stage.folder);
}

/** Starts the monitor with its broker, and listens there. */
async function start(): Promise<void> {
  stage.up('pi-1', { 'mqtt-port': String(PORT), devices: 'devices.yaml' });
  listener = stage.listen('pi-1', PORT);
  listener.alerts((alert) => alerts.push(alert));
}

function guaita(...args: readonly string[]): Promise<Ran> {
  return stage.guaita(PORT, ...args);
}

const state = (device: string): unknown => listener.newest.get(`guaita/device/${device}/state`)?.['state'];
const open = (): unknown[] => [...listener.newest].filter(([topic]) => topic.startsWith('guaita/alert-open/'));

describe('one monitor', { timeout: 180_000 }, () => {
  it('says that all is well', async () => {
    await eventually(() => expect([state('router'), state('ap')]).toEqual(['up', 'up']));
    const { code, stdout } = await guaita('alerts');
    expect([code, stdout]).toEqual([0, 'no alert is open\n']);
  });

  it('alerts once when a device falls silent, also over its own restart, and tells when it is back', async () => {
    await stage.namespace.silence('10.200.0.2');
    await eventually(() => expect(state('ap')).toBe('down'));
    await eventually(() => expect(open()).toHaveLength(1));
    expect(alerts).toMatchObject([
      { kind: 'down', severity: 'critical', subject: 'ap', name: 'Roof AP', resolves: false },
    ]);
    const [alert] = alerts as [{ id: string; text: string }];
    await watch.event({ event: 'alert', id: alert.id, resolves: false });
    const amiss = await guaita('alerts');
    expect(amiss.code).toBe(1);
    expect(amiss.stdout).toContain('Roof AP');
    expect(JSON.parse((await guaita('alerts', '--json')).stdout)).toMatchObject({ alerts: [alert], stale: false });
    const late = watchAlerts();
    await late.event({ event: 'alert', id: alert.id });
    expect(await late.stop()).toBe(0);

    expect(await stage.halt('pi-1', 'SIGINT')).toBe(0);
    await start();
    await eventually(() => expect(state('ap')).toBe('down'));
    await stage.namespace.wake('10.200.0.2');
    await eventually(() => expect(state('ap')).toBe('up'));
    await eventually(() => expect(open()).toEqual([]));
    expect(alerts).toMatchObject([
      { id: alert.id, resolves: false },
      { id: alert.id, resolves: true },
    ]);
    await watch.event({ event: 'alert', id: alert.id, resolves: true });
    expect((await guaita('alerts')).code).toBe(0);
  });

  it('tells of a router that is gone, and not of those behind it', async () => {
    const from = alerts.length;
    await stage.namespace.silence('10.200.0.1', '10.200.0.2');
    await eventually(() => expect([state('router'), state('ap')]).toEqual(['down', 'unreachable']));
    await stage.namespace.wake('10.200.0.1', '10.200.0.2');
    await eventually(() => expect([state('router'), state('ap')]).toEqual(['up', 'up']));
    await eventually(() => expect(open()).toEqual([]));
    expect(alerts.slice(from)).toMatchObject([
      { subject: 'router', kind: 'down', resolves: false },
      { subject: 'router', kind: 'down', resolves: true },
    ]);
  });
});
