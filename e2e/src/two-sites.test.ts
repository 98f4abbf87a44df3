import { AntidoteDouble } from '@guaita/antidote/double';
import { freePort } from '@guaita/lab';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MAIN } from './guaita-process.ts';
import { PING_SECTION, SeeingMonitor } from './seeing-monitor.ts';

const DEVICES = ['router', 'server', 'camera'] as const;

/** Two sites that nothing joins but AntidoteDB: a real one of several data centres, where `ANTIDOTE_URL` names it. */
const real = process.env['ANTIDOTE_URL']?.split(',');
const double = real === undefined ? new AntidoteDouble() : undefined;
const [home, office] = [new SeeingMonitor('home-pi'), new SeeingMonitor('office-pi')];
const MONITORS = [home, office] as const;
let folder: string;

beforeAll(async () => {
  await double?.start();
  const servers = real ?? [double!.address];
  await promisify(execFile)(process.execPath, [MAIN, 'antidote', 'connect', ...servers]);
  folder = await mkdtemp(join(tmpdir(), 'guaita-two-sites-'));
  await writeFile(
    join(folder, 'devices.yaml'),
    [
      'defaults: { ping: { interval_s: 5, count: 1 } }',
      'devices:',
      ...DEVICES.map((name, n) => `  - { name: ${name}, address: 10.200.0.${n + 1} }`),
      '',
    ].join('\n'),
  );
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  await writeFile(join(folder, 'guaita.yaml'), `${PING_SECTION}\n`);
  for (const [n, monitor] of MONITORS.entries()) {
    const port = await freePort();
    const flags = {
      ...{ site: `site-${n}`, 'mqtt-port': String(port), antidote: servers[n % servers.length] ?? '' },
      ...{ config: 'guaita.yaml', devices: n === 0 ? 'devices.yaml' : 'none.yaml', 'monitors-per-device': '2' },
    };
    await monitor.start(port, flags, folder);
  }
}, 300_000);

afterAll(async () => {
  for (const monitor of MONITORS) await monitor.stop();
  await double?.stop();
  await rm(folder, { recursive: true });
});

it(
  'two sites joined by AntidoteDB alone say the same of a device, and name its alert alike',
  { timeout: 600_000 },
  async () => {
    const votes = (sees: string): unknown[] => MONITORS.map(({ name }) => ({ monitor: name, sees, counts: true }));
    const both = (device: string, expected: Readonly<Record<string, unknown>>): Promise<void> =>
      eventually(() => {
        for (const { name, state } of MONITORS.map((each) => ({ name: each.name, state: each.state(device) })))
          expect(state, `${device} at ${name}`).toMatchObject(expected);
      });
    for (const device of DEVICES) await both(device, { state: 'up', seen_by: votes('answering') });
    for (const { network } of MONITORS) await network.silence('10.200.0.2');
    await both('server', { state: 'down', seen_by: votes('down') });
    for (const { network } of MONITORS) await network.wake('10.200.0.2');
    for (const device of DEVICES) await both(device, { state: 'up', seen_by: votes('answering') });
    await eventually(() => {
      for (const { told, name } of MONITORS) expect(told, name).toEqual(['down server', 'end of down server']);
    });
    expect(office.ids).toEqual(home.ids);
  },
);
