import { startNamespace, type Namespace } from '@guaita/lab';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { GuaitaProcess, MAIN } from './guaita-process.ts';
import { Listener } from './listener.ts';

const PORT = 1895;
const BROKER = `mqtt://127.0.0.1:${PORT}`;
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 60_000, interval: 100 };

/** Two monitors of a small site that have nothing but one Mosquitto. */
let namespace: Namespace;
let folder: string;
let mosquitto: ChildProcess;
let listener: Listener;
const running = new Map<string, GuaitaProcess>();
/** Alerts on devices and their ends, in few words. */
const alerts: string[] = [];

beforeAll(async () => {
  namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
  folder = await mkdtemp(join(tmpdir(), 'guaita-shared-'));
  const lines = Array.from({ length: 10 }, (_, n) => `  - { name: d${n}, address: 10.200.0.${n + 1} }`);
  await writeFile(
    join(folder, 'all.yaml'),
    ['defaults: { ping: { interval_s: 5, count: 1 } }', 'devices:', ...lines, ''].join('\n'),
  );
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  mosquitto = namespace.spawn('mosquitto', ['-p', String(PORT)], { stdio: 'ignore' });
  for (const monitor of ['ada', 'bob']) {
    const flags = {
      ...{ monitor, broker: BROKER, 'http-port': '0', data: join(folder, monitor), 'monitors-per-device': '2' },
      devices: monitor === 'bob' ? 'all.yaml' : 'none.yaml',
    };
    running.set(monitor, GuaitaProcess.up(namespace, flags, folder));
  }
  await running.get('bob')?.until(() => running.get('bob')?.events[0], 'its first event');
  listener = new Listener(namespace, PORT, 'guaita/#');
  listener.watch(({ topic, value }) => {
    if (!topic.startsWith('guaita/alert/') || value?.['kind'] !== 'down') return;
    alerts.push(`${String(value['subject'])} ${value['resolves'] === true ? 'is back' : 'is down'}`);
  });
}, 120_000);

afterAll(async () => {
  await listener.stop();
  for (const guaita of running.values()) await guaita.stop('SIGKILL');
  const closed = once(mosquitto, 'close');
  mosquitto.kill('SIGKILL');
  await closed;
  await rm(folder, { recursive: true });
  await namespace.stop();
});

const spec = (device: string): unknown => listener.newest.get(`guaita/device/${device}/spec`);

it('speak with one voice, and another goes on where the one that spoke is killed', { timeout: 180_000 }, async () => {
  await vi.waitFor(() => {
    for (let n = 0; n < 10; n += 1) expect(spec(`d${n}`)).toMatchObject({ monitors: ['ada', 'bob'] });
  }, PATIENCE);
  const added = await namespace.run(process.execPath, [
    MAIN,
    'devices',
    'add',
    '10.200.1.1',
    '--id',
    'x',
    '--broker',
    BROKER,
  ]);
  expect([added.code, added.stdout]).toEqual([0, 'the device is added (ada)\n']);
  await vi.waitFor(() => expect(spec('x')).toMatchObject({ monitors: ['ada', 'bob'], source: 'command' }), PATIENCE);

  await namespace.silence('10.200.0.1');
  await vi.waitFor(() => expect(alerts).toEqual(['d0 is down']), PATIENCE);
  // Only what is kept is known to who comes next: what a crash cuts off before that is said twice, under one id.
  await vi.waitFor(() => expect([...listener.newest.keys()].join()).toContain('guaita/alert-open/'), PATIENCE);

  const killed = running.get('ada')?.stop('SIGKILL');
  await namespace.silence('10.200.0.2');
  await killed;
  await vi.waitFor(() => {
    for (let n = 0; n < 10; n += 1) expect(spec(`d${n}`)).toMatchObject({ monitors: ['bob'] });
    expect(listener.newest.get('guaita/cluster/ada')).toMatchObject({ alive: false });
  }, PATIENCE);
  const removed = await namespace.run(process.execPath, [MAIN, 'devices', 'remove', 'x', '--broker', BROKER]);
  expect([removed.code, removed.stdout]).toEqual([0, 'the device is removed (bob)\n']);
  await vi.waitFor(() => expect(spec('x')).toBeUndefined(), PATIENCE);

  // What was said is not said again, and what nobody said while nobody spoke is.
  await vi.waitFor(() => expect(alerts).toEqual(['d0 is down', 'd1 is down']), PATIENCE);
  await namespace.wake('10.200.0.1');
  await vi.waitFor(() => expect(alerts).toEqual(['d0 is down', 'd1 is down', 'd0 is back']), PATIENCE);
});
