import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Listener } from './listener.ts';
import { Receiver } from './receiver.ts';
import { Stage } from './stage.ts';

const PORT = 1905;
const RECEIVER_PORT = 8101;
/** The least that is allowed. */
const EVERY_s = 10;

let stage: Stage;
let receiver: Receiver;
let listener: Listener;

beforeEach(async () => {
  const heartbeat = `heartbeat: { url: 'http://127.0.0.1:${RECEIVER_PORT}/beat', every_s: ${EVERY_s} }`;
  stage = await Stage.begin({
    'devices.yaml': 'devices: [{ name: roof, address: 10.200.0.1 }]\n',
    'guaita.yaml': `ping: { anchors: [10.200.255.1], gateway_anchor: false }\nalert: { ${heartbeat} }\n`,
  });
  receiver = new Receiver(stage.namespace, RECEIVER_PORT);
  stage.onEnd(() => receiver.stop());
  stage.up('ada', { 'mqtt-port': String(PORT), devices: 'devices.yaml' });
  listener = stage.listen('ada', PORT);
}, 60_000);

afterEach(() => stage.end());

const beats = (): number => receiver.of('/beat').length;

it(
  'somebody outside is called while a monitor is well, and not while its cable is pulled',
  { timeout: 240_000 },
  async () => {
    await eventually(() => expect(beats()).toBeGreaterThanOrEqual(2));
    await stage.namespace.pullCable();
    await eventually(() =>
      expect(listener.newest.get('guaita/cluster/ada')).toMatchObject({ alive: true, isolated: true }),
    );
    // One may have been on its way.
    await pause(1_000);
    const before = beats();
    await pause(2.5 * EVERY_s * 1000);
    expect(beats()).toBe(before);
    await stage.namespace.plugCable();
    await eventually(() => expect(beats()).toBeGreaterThanOrEqual(before + 2));
  },
);
