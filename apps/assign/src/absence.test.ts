import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@guaita/lab/eventually';
import { channels, type DeviceSpec } from '@guaita/messages';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryHost, startMonitor, type Monitor } from './monitor.testdata.ts';

let host: Awaited<ReturnType<typeof memoryHost>>;
let releases: (() => Promise<void>)[];
let speaker: 'm1' | 'm2' | 'nobody';
let m1: Monitor;
let m2: Monitor;
/** What the audience is told of the router, as `m1:down m2:answering`. */
let told: string[];

beforeEach(async () => {
  host = await memoryHost();
  releases = [() => rm(host.folder, { recursive: true })];
  [speaker, told] = ['m1', []];
  const file = join(host.folder, 'devices.yaml');
  await writeFile(file, 'devices:\n  - { name: router, address: 192.0.2.1 }\n');
  await writeFile(join(host.folder, 'none.yaml'), 'devices: []\n');
  const listener = host.makeBus('listener');
  await listener.start();
  releases.push(() => listener.stop());
  await listener.subscribe('guaita/device/router/spec', ({ payload }) => {
    const { claims = [] } = JSON.parse(Buffer.from(payload).toString()) as DeviceSpec;
    told.push(claims.map(({ monitor, sees }) => `${monitor}:${sees}`).join(' '));
  });
  const start = async (id: 'm1' | 'm2', devices: string): Promise<Monitor> => {
    const assign = { devices, policy: { monitors_per_device: 2 } };
    const monitor = await startMonitor(id, host, { speaks: () => speaker === id, assign });
    releases.push(monitor.stop);
    return monitor;
  };
  m2 = await start('m2', file);
  m1 = await start('m1', join(host.folder, 'none.yaml'));
});

afterEach(async () => {
  for (const release of releases.reverse()) await release();
});

/** Waits while the clock goes on and the ping services say that they probe. */
const until = (assertion: () => void): Promise<void> =>
  eventually(async () => {
    await host.clock.advance(200);
    for (const { sayProbing, bus } of [m1, m2]) if (bus.connected) sayProbing();
    assertion();
  });

/** What the ping service of a monitor sees of the router. */
function probed({ wire }: Monitor, monitor: string, state: 'up' | 'down'): void {
  const at = new Date(host.clock.now_ms()).toISOString();
  const received = state === 'up' ? 3 : 0;
  const rtts = { rtt_min_ms: null, rtt_avg_ms: null, rtt_max_ms: null, jitter_ms: null };
  const loss_percent = state === 'up' ? 0 : 100;
  const seen = { at, address: '192.0.2.1', sent: 3, received, loss_percent, ...rtts, state };
  wire.say(channels.ping, { monitor, device: 'router' }, seen, 60);
}

it('a monitor that was cut off leaves what its successor told until it knows what has become of it', async () => {
  await until(() => expect(told.at(-1)).toBe('m1:unprobed m2:unprobed'));
  probed(m1, 'm1', 'down');
  probed(m2, 'm2', 'down');
  await until(() => expect(told.at(-1)).toBe('m1:down m2:down'));

  speaker = 'm2';
  m1.turn(false);
  for (const client of ['m1-assign', 'm1-assign-cluster']) host.broker.bar(client);
  m2.turn(true);
  await until(() => expect(told.at(-1)).toBe('m2:down'));
  probed(m2, 'm2', 'up');
  await until(() => expect(told.at(-1)).toBe('m2:answering'));

  told = [];
  host.broker.admit('m1-assign');
  await until(() => expect(m1.bus.connected).toBe(true));
  speaker = 'm1';
  m2.turn(false);
  m1.turn(true);
  for (let n = 0; n < 10; n += 1) await until(() => undefined);
  expect(told.filter((text) => !text.includes('m2:answering'))).toEqual([]);
  host.broker.admit('m1-assign-cluster');
  await until(() => expect(told.at(-1)).toBe('m1:down m2:answering'));
  expect(told.filter((text) => !text.includes('m2:answering'))).toEqual([]);
});
