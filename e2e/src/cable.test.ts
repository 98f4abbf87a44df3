import { startNamespace, type Namespace } from '@guaita/lab';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GuaitaProcess } from './guaita-process.ts';
import { Listener } from './listener.ts';
import { inFewWords } from './seeing-monitor.ts';

const PORT = 1897;
const DEVICES = 1000;
const INTERVAL_s = 10;
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 120_000, interval: 200 };
const TEST = { timeout: 300_000 };

/** Where the broker and the monitors are, and where the monitor is whose cable is pulled: its probes leave from there. */
let site: Namespace;
let cut: Namespace;
let folder: string;
let mosquitto: ChildProcess;
let listener: Listener;
let monitors: GuaitaProcess[] = [];
/** Alerts and their ends, in few words. */
let alerts: string[] = [];

beforeEach(async () => {
  const networks = ['10.200.0.0/16'];
  site = await startNamespace({ networks });
  cut = await startNamespace({ networks });
  folder = await mkdtemp(join(tmpdir(), 'guaita-cable-'));
  const lines = Array.from({ length: DEVICES }, (_, n) => `  - { name: d${n}, address: 10.200.${n >> 8}.${n & 255} }`);
  const defaults = `defaults: { ping: { interval_s: ${INTERVAL_s}, count: 1 } }`;
  await writeFile(join(folder, 'all.yaml'), [defaults, 'devices:', ...lines, ''].join('\n'));
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  await writeFile(join(folder, 'guaita.yaml'), 'ping: { anchors: [10.200.255.1] }\n');
  mosquitto = site.spawn('mosquitto', ['-p', String(PORT)], { stdio: 'ignore' });
});

afterEach(async () => {
  await listener.stop();
  for (const monitor of monitors.splice(0)) await monitor.stop('SIGKILL');
  const closed = once(mosquitto, 'close');
  mosquitto.kill('SIGKILL');
  await closed;
  await rm(folder, { recursive: true });
  await cut.stop();
  await site.stop();
});

/** Starts these monitors, of which the last probes from where the cable is pulled; resolves when all devices are up. */
async function begin(...names: readonly string[]): Promise<void> {
  const shims = await cut.shims('fping');
  monitors = names.map((monitor, n) => {
    const flags = {
      ...{ monitor, broker: `mqtt://127.0.0.1:${PORT}`, 'http-port': '0', data: join(folder, monitor) },
      ...{ config: 'guaita.yaml', devices: n === 0 ? 'all.yaml' : 'none.yaml' },
      'monitors-per-device': String(names.length),
    };
    return GuaitaProcess.up(site, flags, folder, n === names.length - 1 ? shims : undefined);
  });
  await monitors[0]?.until(() => monitors[0]?.events[0], 'its first event');
  alerts = [];
  listener = new Listener(site, PORT, 'guaita/#');
  listener.watch(({ topic, value }) => {
    if (!topic.startsWith('guaita/alert/') || value === undefined) return;
    alerts.push(inFewWords(value));
  });
  await vi.waitFor(() => {
    for (let n = 0; n < DEVICES; n += 1) {
      expect(listener.newest.get(`guaita/device/d${n}/state`)).toMatchObject({ state: 'up' });
      expect(listener.newest.get(`guaita/device/d${n}/spec`)).toMatchObject({
        claims: names.map((monitor) => ({ monitor, sees: 'answering' })),
      });
    }
  }, PATIENCE);
}

it.each([[['ada']], [['ada', 'bob', 'cara']]])(
  'a pulled cable is one alert on its monitor and none on 1,000 devices: %j',
  TEST,
  async (names) => {
    await begin(...names);
    const last = String(names.at(-1));
    await cut.pullCable();
    await vi.waitFor(() => expect(alerts).toEqual([`monitor-isolated ${last}`]), PATIENCE);
    // Each device is probed, and its silence confirmed, while nobody is to believe it.
    await pause(3 * INTERVAL_s * 1000);
    await cut.plugCable();
    await vi.waitFor(() => {
      for (let n = 0; n < DEVICES; n += 1) {
        expect(listener.newest.get(`guaita/device/d${n}/state`)).toMatchObject({ state: 'up' });
      }
      expect(alerts.length).toBeGreaterThan(1);
    }, PATIENCE);
    await pause(2 * INTERVAL_s * 1000);
    expect(alerts).toEqual([`monitor-isolated ${last}`, `end of monitor-isolated ${last}`]);
  },
);
