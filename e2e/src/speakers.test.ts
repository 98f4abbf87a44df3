import { startNamespace, type Namespace } from '@guaita/lab';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { GuaitaProcess } from './guaita-process.ts';
import { Listener } from './listener.ts';

const PORT = 1898;
const NAMES = ['ada', 'bob', 'cara'] as const;
const DEVICES = 12;
const ROUNDS = 5;
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 90_000, interval: 100 };

/** Three monitors on one Mosquitto: the first that lives speaks. */
let namespace: Namespace;
let folder: string;
let mosquitto: ChildProcess;
let listener: Listener;
const running = new Map<string, GuaitaProcess>();
/** What was said of each alert: that it begins (`false`) or is over (`true`), in its order. */
const said = new Map<string, boolean[]>();
const subjects = new Map<string, string>();

beforeAll(async () => {
  namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
  folder = await mkdtemp(join(tmpdir(), 'guaita-speakers-'));
  const lines = Array.from({ length: DEVICES }, (_, n) => `  - { name: d${n}, address: ${address(n)} }`);
  const defaults = 'defaults: { ping: { interval_s: 2, count: 1 } }';
  await writeFile(join(folder, 'all.yaml'), [defaults, 'devices:', ...lines, ''].join('\n'));
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  await writeFile(join(folder, 'guaita.yaml'), 'alert: { hold: { up_s: 2 }, flapping: { changes: 1000 } }\n');
  mosquitto = namespace.spawn('mosquitto', ['-p', String(PORT)], { stdio: 'ignore' });
  for (const name of NAMES) start(name);
  // Its broker listens by then.
  await running.get('ada')?.until(() => running.get('ada')?.events[0], 'its first event');
  listener = new Listener(namespace, PORT, 'guaita/#');
  listener.watch(({ topic, value }) => {
    if (!topic.startsWith('guaita/alert/') || value?.['kind'] !== 'down') return;
    const id = String(value['id']);
    said.set(id, [...(said.get(id) ?? []), value['resolves'] === true]);
    subjects.set(id, String(value['subject']));
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

function address(n: number): string {
  return `10.200.0.${n + 1}`;
}

function start(monitor: string): void {
  const flags = {
    ...{ monitor, broker: `mqtt://127.0.0.1:${PORT}`, 'http-port': '0', data: join(folder, monitor) },
    ...{ config: 'guaita.yaml', devices: monitor === 'cara' ? 'all.yaml' : 'none.yaml', 'monitors-per-device': '3' },
  };
  running.set(monitor, GuaitaProcess.up(namespace, flags, folder));
}

/** The devices on which a down alert is kept as open. */
function open(): string[] {
  const kept = [...listener.newest].filter(([topic]) => topic.startsWith('guaita/alert-open/'));
  return kept.flatMap(([, value]) => (value['kind'] === 'down' ? [String(value['subject'])] : [])).sort();
}

/** Each device is watched by all who live. */
async function settled(): Promise<void> {
  await vi.waitFor(() => {
    for (let n = 0; n < DEVICES; n += 1) {
      expect(listener.newest.get(`guaita/device/d${n}/spec`)).toMatchObject({ monitors: [...NAMES] });
    }
  }, PATIENCE);
}

it(
  'no alert is lost, and none is said twice but by a crash, while speakers are killed',
  { timeout: 900_000 },
  async () => {
    await settled();
    const silent = new Set<number>();
    /** How often somebody was killed. */
    let crashes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const changing = Array.from({ length: DEVICES }, (_, n) => n).filter(() => Math.random() < 0.5);
      for (const n of changing) {
        if (silent.delete(n)) {
          await namespace.wake(address(n));
        } else {
          silent.add(n);
          await namespace.silence(address(n));
        }
      }
      // Outages are seen and confirmed within some seconds: somewhere in that time the speaker dies, and its successor.
      const killed: string[] = [];
      for (const name of ['ada', 'bob']) {
        await pause(Math.random() * 6_000);
        await running.get(name)?.stop('SIGKILL');
        killed.push(name);
        crashes += 1;
        if (Math.random() < 0.5) break;
      }
      const expected = [...silent].map((n) => `d${n}`).sort();
      await vi.waitFor(() => expect(open()).toEqual(expected), PATIENCE);
      for (const name of killed) start(name);
      await settled();
      await vi.waitFor(() => expect(open()).toEqual(expected), PATIENCE);
    }
    await namespace.wake(...[...silent].map(address));
    await vi.waitFor(() => expect(open()).toEqual([]), PATIENCE);

    expect(said.size).toBeGreaterThan(0);
    let repeats = 0;
    for (const [id, told] of said) {
      // Begun, then ended: a crash may repeat each of them, and nothing else.
      const changes = told.filter((resolves, n) => resolves !== told[n - 1]);
      expect([subjects.get(id), id, changes]).toEqual([subjects.get(id), id, [false, true]]);
      repeats += told.length - changes.length;
    }
    expect(repeats).toBeLessThanOrEqual(crashes);
  },
);
