import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttBus } from '@guaita/bus';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { systemClock } from '@guaita/service';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startMonitor, type Host, type Monitor } from './monitor.testdata.ts';

/** Above the 1,000 messages that Mosquitto queues for a client by default. */
const MANY = 3000;

let broker: Mosquitto;
let folder: string;
let releases: (() => Promise<void>)[];

beforeEach(async () => {
  broker = await startMosquitto();
  folder = await mkdtemp(join(tmpdir(), 'assign-'));
  releases = [() => rm(folder, { recursive: true }), () => broker.stop()];
});

afterEach(async () => {
  for (const release of releases.reverse()) await release();
});

async function connected(): Promise<MqttBus> {
  const bus = new MqttBus({ url: broker.url, clientId: `test-${releases.length}`, log: () => {} });
  await bus.start();
  releases.push(() => bus.stop());
  return bus;
}

/** The devices assigned as a consumer knows them, by id, with their first address. */
async function follow(): Promise<Map<string, string>> {
  const bus = await connected();
  const known = new Map<string, string>();
  await bus.subscribe(
    'guaita/host/m1/assigned/+',
    ({ topic, payload }) => {
      const id = topic.split('/').at(-1) ?? '';
      if (payload.length === 0) known.delete(id);
      else known.set(id, (JSON.parse(Buffer.from(payload).toString()) as { addresses: string[] }).addresses[0] ?? '');
    },
    { qos: 0 },
  );
  return known;
}

async function run(files: readonly string[]): Promise<Monitor> {
  const makeBus: Host['makeBus'] = (clientId, will) => {
    const bus = new MqttBus({ url: broker.url, clientId, log: () => {}, ...(will === undefined ? {} : { will }) });
    return bus;
  };
  // So slow a poll that it is the folder's watcher that tells.
  const monitor = await startMonitor(
    'm1',
    { folder, clock: systemClock, makeBus },
    { find: 'here', assign: { devices: files, poll_s: 3600 } },
  );
  const probing = setInterval(() => monitor.sayProbing(), 5_000);
  const stop = async (): Promise<void> => {
    clearInterval(probing);
    await monitor.stop();
  };
  return { ...monitor, stop };
}

it('follows files that are edited in place, replaced as editors do, broken, mended and taken away', async () => {
  const yaml = join(folder, 'devices.yaml');
  const csv = join(folder, 'more.csv');
  await writeFile(yaml, 'devices:\n  - { name: a, address: 192.0.2.1 }\n');
  await writeFile(csv, 'name,address,parents\nb,192.0.2.2,a\n');
  const known = await follow();
  const { health, stop } = await run([yaml, csv]);
  releases.push(stop);
  const knows = (expected: Record<string, string>) =>
    eventually(() => expect(Object.fromEntries(known)).toEqual(expected));
  await knows({ a: '192.0.2.1', b: '192.0.2.2' });

  await writeFile(csv, 'name,address,parents\nb,192.0.2.3,a\nc,192.0.2.4,\n');
  await knows({ a: '192.0.2.1', b: '192.0.2.3', c: '192.0.2.4' });

  await writeFile(join(folder, '.devices.yaml.swp'), 'devices:\n  - { name: a, address: 192.0.2.5 }\n');
  await rename(join(folder, '.devices.yaml.swp'), yaml);
  await knows({ a: '192.0.2.5', b: '192.0.2.3', c: '192.0.2.4' });

  await writeFile(yaml, 'devices:\n  - { name: other, address: 192.0.2.5 }\n');
  await eventually(() => expect(health.parts.get('inventory')?.detail).toContain('"a" is no device of this inventory'));
  expect(known.size).toBe(3);

  await rm(yaml);
  await eventually(() => expect(health.parts.get('inventory')?.detail).toContain('is not there'));
  expect(known.size).toBe(3);

  await writeFile(yaml, 'devices:\n  - { name: a, address: 192.0.2.1 }\n');
  await knows({ a: '192.0.2.1', b: '192.0.2.3', c: '192.0.2.4' });
  expect(health.ok).toBe(true);
}, 300_000);

it('clears thousands of devices that went while it was away, on a Mosquitto with its default queue', async () => {
  const file = join(folder, 'devices.csv');
  const rows = Array.from({ length: MANY }, (_, n) => `d${n},192.0.${2 + (n >> 8)}.${n & 255}`);
  await writeFile(file, ['name,address', ...rows].join('\n'));
  const first = await run([file]);
  await eventually(async () => expect((await follow()).size).toBeGreaterThan(0));
  await eventually(() => expect(first.health.parts.get('assigned')?.ok).toBe(true));
  await first.stop();

  await writeFile(file, 'name,address\nonly,192.0.2.1\n');
  const second = await run([file]);
  releases.push(second.stop);
  const live = await follow();
  await eventually(() => expect([...live.keys()]).toEqual(['only']));
  // A consumer that comes now, from a broker that keeps just this.
  const known = await follow();
  await eventually(() => expect([...known.keys()]).toEqual(['only']));
}, 300_000);

it('says everything again to a Mosquitto that came back empty', async () => {
  const file = join(folder, 'devices.csv');
  await writeFile(file, 'name,address\na,192.0.2.1\n');
  const { stop } = await run([file]);
  releases.push(stop);
  const known = await follow();
  await eventually(() => expect(known.size).toBe(1));
  await broker.restart({ empty: true });
  const later = await follow();
  await eventually(() => expect(later.size).toBe(1));
}, 300_000);
