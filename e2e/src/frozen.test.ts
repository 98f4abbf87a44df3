import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GuaitaProcess } from './guaita-process.ts';
import type { Listener } from './listener.ts';
import { inventory, NO_DEVICES, Stage } from './stage.ts';

const PORT = 1896;
const NAMES = ['ada', 'bob', 'cara'] as const;
const DEVICES = ['d0', 'd1', 'd2'] as const;
/** Ada reaches the broker at an address of its own, that can be cut off. */
const WAY_OF_ADA = '127.0.0.2';
const INTERVAL_s = 2;
/**
 * A device’s alert comes within its interval and 5 s, its speaker’s successor speaks within 3 s: ten. Twice that is for
 * a shared machine; who waits for what never comes waits for longer.
 */
const PROMISED_ms = 2 * (INTERVAL_s + 5 + 3) * 1000;

/** Three monitors on one Mosquitto: ada speaks while it lives. */
let stage: Stage;
let listener: Listener;
/** What was said of each down alert, in its order. */
let said: string[] = [];
/** Each state that was said of a device. */
let states: string[] = [];

beforeAll(async () => {
  stage = await Stage.begin({
    'all.yaml': inventory(Object.fromEntries(DEVICES.map((device, n) => [device, address(n)])), {
      interval_s: INTERVAL_s,
    }),
    'guaita.yaml': 'alert: { hold: { up_s: 2 }, flapping: { changes: 1000 } }\n',
  });
  await stage.mosquitto(PORT);
  for (const monitor of NAMES) {
    stage.up(monitor, {
      ...{ broker: `mqtt://${monitor === 'ada' ? WAY_OF_ADA : '127.0.0.1'}:${PORT}`, 'monitors-per-device': '3' },
      ...{ config: 'guaita.yaml', devices: monitor === 'cara' ? 'all.yaml' : NO_DEVICES },
    });
  }
  listener = stage.listen('ada', PORT);
  listener.watch(({ topic, value }) => {
    const device = /^guaita\/device\/([^/]+)\/state$/.exec(topic)?.[1];
    if (device !== undefined) states.push(`${device} ${String(value?.['state'])}`);
  });
  listener.alerts(({ kind, resolves, subject }) => {
    if (kind === 'down') said.push(`${resolves === true ? 'end of ' : ''}${String(subject)}`);
  });
}, 120_000);

afterAll(() => stage.end());

function address(n: number): string {
  return `10.200.0.${n + 1}`;
}

/** All three live, watch each device, and see it up. */
async function settled(): Promise<void> {
  await eventually(() => {
    for (const device of DEVICES) {
      expect(listener.newest.get(`guaita/device/${device}/spec`)).toMatchObject({ monitors: [...NAMES] });
      expect(listener.newest.get(`guaita/device/${device}/state`)).toMatchObject({
        ...{ state: 'up', seen_by: NAMES.map((monitor) => ({ monitor, sees: 'answering' })) },
      });
    }
  });
}

const ada = (): GuaitaProcess => stage.monitors.get('ada')!;

it.each([
  ['frozen', () => Promise.resolve(ada().freeze()), () => Promise.resolve(ada().thaw())],
  ['cut off from its broker', () => stage.namespace.silence(WAY_OF_ADA), () => stage.namespace.wake(WAY_OF_ADA)],
])(
  'a speaker that is %s has a successor in time, and says nothing of what is past when it is back',
  { timeout: 400_000 },
  async (_, halt, goOn) => {
    // Before it has seen a device fall silent, and when it has told that.
    for (const begun_ms of [0, 4 * INTERVAL_s * 1000]) {
      await settled();
      [said, states] = [[], []];
      await stage.namespace.silence(address(0));
      await pause(begun_ms);
      await halt();
      const halted_ms = performance.now();
      await eventually(() => expect(said).toEqual(['d0']));
      expect(performance.now() - halted_ms).toBeLessThan(PROMISED_ms);
      await stage.namespace.silence(address(1));
      await eventually(() => expect(said).toEqual(['d0', 'd1']));
      await stage.namespace.wake(address(0));
      await eventually(() => expect(said).toEqual(['d0', 'd1', 'end of d0']));
      states = [];
      await goOn();
      // It takes the turn to speak again; d0 is up, whatever it knew when it stood still.
      await eventually(() => {
        expect(listener.newest.get('guaita/cluster/ada')).toMatchObject({ alive: true });
        expect(listener.newest.get('guaita/device/d1/spec')).toMatchObject({ monitors: [...NAMES] });
      });
      await pause(3 * INTERVAL_s * 1000);
      await stage.namespace.wake(address(1));
      await eventually(() => expect(said).toEqual(['d0', 'd1', 'end of d0', 'end of d1']));
      await settled();
      expect(said).toEqual(['d0', 'd1', 'end of d0', 'end of d1']);
      expect(new Set(states.filter((state) => state.startsWith('d0')))).toEqual(new Set(['d0 up']));
    }
  },
);
