import { startNamespace, type Namespace } from '@guaita/lab';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GuaitaProcess } from './guaita-process.ts';
import { Listener } from './listener.ts';
import { Receiver } from './receiver.ts';

const PORT = 1905;
const RECEIVER_PORT = 8101;
/** The least that is allowed. */
const EVERY_s = 10;
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 90_000, interval: 100 };

let namespace: Namespace;
let folder: string;
let receiver: Receiver;
let monitor: GuaitaProcess;
let listener: Listener;

beforeEach(async () => {
  namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
  folder = await mkdtemp(join(tmpdir(), 'guaita-heartbeat-'));
  await writeFile(join(folder, 'devices.yaml'), 'devices: [{ name: roof, address: 10.200.0.1 }]\n');
  const heartbeat = `heartbeat: { url: 'http://127.0.0.1:${RECEIVER_PORT}/beat', every_s: ${EVERY_s} }`;
  await writeFile(
    join(folder, 'guaita.yaml'),
    `ping: { anchors: [10.200.255.1], gateway_anchor: false }\nalert: { ${heartbeat} }\n`,
  );
  receiver = new Receiver(namespace, RECEIVER_PORT);
  const ports = { 'mqtt-port': String(PORT), 'http-port': '0' };
  monitor = GuaitaProcess.up(namespace, { monitor: 'ada', ...ports, data: 'ada', devices: 'devices.yaml' }, folder);
  await monitor.until(() => monitor.events[0], 'its first event');
  listener = new Listener(namespace, PORT, 'guaita/cluster/#');
}, 60_000);

afterEach(async () => {
  await listener.stop();
  await monitor.stop('SIGKILL');
  await receiver.stop();
  await rm(folder, { recursive: true });
  await namespace.stop();
});

const beats = (): number => receiver.of('/beat').length;

it(
  'somebody outside is called while a monitor is well, and not while its cable is pulled',
  { timeout: 240_000 },
  async () => {
    await vi.waitFor(() => expect(beats()).toBeGreaterThanOrEqual(2), PATIENCE);
    await namespace.pullCable();
    await vi.waitFor(
      () => expect(listener.newest.get('guaita/cluster/ada')).toMatchObject({ alive: true, isolated: true }),
      PATIENCE,
    );
    // One may have been on its way.
    await pause(1_000);
    const before = beats();
    await pause(2.5 * EVERY_s * 1000);
    expect(beats()).toBe(before);
    await namespace.plugCable();
    await vi.waitFor(() => expect(beats()).toBeGreaterThanOrEqual(before + 2), PATIENCE);
  },
);
