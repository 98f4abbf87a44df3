import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Listener } from './listener.ts';
import { Receiver } from './receiver.ts';
import { Stage } from './stage.ts';

const PORT = 1905;
const RECEIVER_PORT = 8101;
/** The least that is allowed. */
const EVERY_s = 10;
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 90_000, interval: 100 };

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
  listener = await stage.listen('ada', PORT);
}, 60_000);

afterEach(() => stage.end());

const beats = (): number => receiver.of('/beat').length;

it(
  'somebody outside is called while a monitor is well, and not while its cable is pulled',
  { timeout: 240_000 },
  async () => {
    await vi.waitFor(() => expect(beats()).toBeGreaterThanOrEqual(2), PATIENCE);
    await stage.namespace.pullCable();
    await vi.waitFor(
      () => expect(listener.newest.get('guaita/cluster/ada')).toMatchObject({ alive: true, isolated: true }),
      PATIENCE,
    );
    // One may have been on its way.
    await pause(1_000);
    const before = beats();
    await pause(2.5 * EVERY_s * 1000);
    expect(beats()).toBe(before);
    await stage.namespace.plugCable();
    await vi.waitFor(() => expect(beats()).toBeGreaterThanOrEqual(before + 2), PATIENCE);
  },
);
