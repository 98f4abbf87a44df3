import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Listener } from './listener.ts';
import { inventory, NO_DEVICES, Stage } from './stage.ts';

const PORT = 1898;
const NAMES = ['ada', 'bob', 'cara'] as const;
const DEVICES = 12;
const ROUNDS = 5;

/** Three monitors on one Mosquitto: the first that lives speaks. */
let stage: Stage;
let listener: Listener;
/** What was said of each alert: that it begins (`false`) or is over (`true`), in its order. */
const said = new Map<string, boolean[]>();
const subjects = new Map<string, string>();

beforeAll(async () => {
  const devices = Array.from({ length: DEVICES }, (_, n) => [`d${n}`, address(n)] as const);
  stage = await Stage.begin({
    'all.yaml': inventory(Object.fromEntries(devices), { interval_s: 2 }),
    'guaita.yaml': 'alert: { hold: { up_s: 2 }, flapping: { changes: 1000 } }\n',
  });
  await stage.mosquitto(PORT);
  for (const name of NAMES) start(name);
  listener = stage.listen('ada', PORT);
  listener.alerts((alert) => {
    if (alert['kind'] !== 'down') return;
    const id = String(alert['id']);
    said.set(id, [...(said.get(id) ?? []), alert['resolves'] === true]);
    subjects.set(id, String(alert['subject']));
  });
}, 120_000);

afterAll(() => stage.end());

function address(n: number): string {
  return `10.200.0.${n + 1}`;
}

function start(monitor: string): void {
  stage.up(monitor, {
    ...{ broker: `mqtt://127.0.0.1:${PORT}`, 'monitors-per-device': '3', config: 'guaita.yaml' },
    devices: monitor === 'cara' ? 'all.yaml' : NO_DEVICES,
  });
}

/** The devices on which a down alert is kept as open. */
function open(): string[] {
  const kept = [...listener.newest].filter(([topic]) => topic.startsWith('guaita/alert-open/'));
  return kept.flatMap(([, value]) => (value['kind'] === 'down' ? [String(value['subject'])] : [])).sort();
}

/** Each device is watched by all who live. */
async function settled(): Promise<void> {
  await eventually(() => {
    for (let n = 0; n < DEVICES; n += 1) {
      expect(listener.newest.get(`guaita/device/d${n}/spec`)).toMatchObject({ monitors: [...NAMES] });
    }
  });
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
          await stage.namespace.wake(address(n));
        } else {
          silent.add(n);
          await stage.namespace.silence(address(n));
        }
      }
      // Outages are seen and confirmed within some seconds: somewhere in that time the speaker dies, and its successor.
      const killed: string[] = [];
      for (const name of ['ada', 'bob']) {
        await pause(Math.random() * 6_000);
        await stage.monitors.get(name)?.stop('SIGKILL');
        killed.push(name);
        crashes += 1;
        if (Math.random() < 0.5) break;
      }
      const expected = [...silent].map((n) => `d${n}`).sort();
      await eventually(() => expect(open()).toEqual(expected));
      for (const name of killed) start(name);
      await settled();
      await eventually(() => expect(open()).toEqual(expected));
    }
    await stage.namespace.wake(...[...silent].map(address));
    await eventually(() => expect(open()).toEqual([]));

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
