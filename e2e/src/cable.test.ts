import { startNamespace, type Namespace } from '@guaita/lab';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inFewWords, type Listener } from './listener.ts';
import { inventory, NO_DEVICES, Stage } from './stage.ts';

const PORT = 1897;
const DEVICES = 1000;
const INTERVAL_s = 10;
const TEST = { timeout: 300_000 };

let stage: Stage;
/** Where the monitor's probes leave from whose cable is pulled. */
let cut: Namespace;
let listener: Listener;
/** Alerts and their ends, in few words. */
let alerts: string[] = [];

beforeEach(async () => {
  const devices = Array.from({ length: DEVICES }, (_, n) => [`d${n}`, `10.200.${n >> 8}.${n & 255}`] as const);
  stage = await Stage.begin({
    'all.yaml': inventory(Object.fromEntries(devices), { interval_s: INTERVAL_s }),
    'guaita.yaml': 'ping: { anchors: [10.200.255.1] }\n',
  });
  cut = await startNamespace({ networks: ['10.200.0.0/16'] });
  stage.onEnd(() => cut.stop());
  await stage.mosquitto(PORT);
});

afterEach(() => stage.end());

/** Starts these monitors, of which the last probes from where the cable is pulled; resolves when all devices are up. */
async function begin(...names: readonly string[]): Promise<void> {
  const shims = await cut.shims('fping');
  for (const [n, monitor] of names.entries()) {
    const flags = {
      ...{ broker: `mqtt://127.0.0.1:${PORT}`, 'monitors-per-device': String(names.length) },
      ...{ config: 'guaita.yaml', devices: n === 0 ? 'all.yaml' : NO_DEVICES },
    };
    stage.up(monitor, flags, n === names.length - 1 ? shims : undefined);
  }
  alerts = [];
  listener = stage.listen(String(names[0]), PORT);
  listener.alerts((alert) => alerts.push(inFewWords(alert)));
  await eventually(() => {
    for (let n = 0; n < DEVICES; n += 1) {
      expect(listener.newest.get(`guaita/device/d${n}/state`)).toMatchObject({ state: 'up' });
      expect(listener.newest.get(`guaita/device/d${n}/spec`)).toMatchObject({
        claims: names.map((monitor) => ({ monitor, sees: 'answering' })),
      });
    }
  });
}

it.each([[['ada']], [['ada', 'bob', 'cara']]])(
  'a pulled cable is one alert on its monitor and none on 1,000 devices: %j',
  TEST,
  async (names) => {
    await begin(...names);
    const last = String(names.at(-1));
    await cut.pullCable();
    await eventually(() => expect(alerts).toEqual([`monitor-isolated ${last}`]));
    // Each device is probed, and its silence confirmed, while nobody is to believe it.
    await pause(3 * INTERVAL_s * 1000);
    await cut.plugCable();
    await eventually(() => {
      for (let n = 0; n < DEVICES; n += 1) {
        expect(listener.newest.get(`guaita/device/d${n}/state`)).toMatchObject({ state: 'up' });
      }
      expect(alerts.length).toBeGreaterThan(1);
    });
    await pause(2 * INTERVAL_s * 1000);
    expect(alerts).toEqual([`monitor-isolated ${last}`, `end of monitor-isolated ${last}`]);
  },
);
