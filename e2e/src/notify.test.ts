import { rankedFor } from '@guaita/assignment';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Receiver } from './receiver.ts';
import { inventory, NO_DEVICES, Stage } from './stage.ts';

const MONITORS = ['ada', 'bob', 'cyd'] as const;
type Monitor = (typeof MONITORS)[number];
const FIRST_PORT = 1901;
const RECEIVER_PORT = 8099;
/** The third in rank would have sent by then. */
const LAST_TURN_ms = 25_000;
/** Who has heard all others leaves what comes to the next in rank for no longer. */
const JUST_STARTED_ms = 25_000;
const DEVICES = ['before', 'during', 'after', 'restart'] as const;
type Device = (typeof DEVICES)[number];

/** Three hosts of one site, each with a broker of its own that it pushes to those of the others. */
let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  const hook = `{ type: webhook, url: 'http://127.0.0.1:${RECEIVER_PORT}/', kinds: [down], after_s: 5 }`;
  stage = await Stage.begin({
    'all.yaml': inventory(Object.fromEntries(DEVICES.map((device) => [device, addressOf(device)]))),
    'guaita.yaml': `alert: { notify: { hook: ${hook} } }\n`,
  });
  receiver = new Receiver(stage.namespace, RECEIVER_PORT);
  stage.onEnd(() => receiver.stop());
  for (const monitor of MONITORS) await start(monitor);
  await settled();
  await pause(JUST_STARTED_ms);
}, 240_000);

afterAll(() => stage.end());

function addressOf(device: Device): string {
  return `10.200.0.${DEVICES.indexOf(device) + 1}`;
}

const portOf = (monitor: Monitor): number => FIRST_PORT + MONITORS.indexOf(monitor);

/** Starts a monitor with its broker, and listens there. */
async function start(monitor: Monitor): Promise<void> {
  const peers = MONITORS.filter((each) => each !== monitor).map((each) => `mqtt://127.0.0.1:${portOf(each)}`);
  stage.up(monitor, {
    ...{ 'mqtt-port': String(portOf(monitor)), peer: peers.join(',') },
    devices: monitor === 'ada' ? 'all.yaml' : NO_DEVICES,
  });
  stage.listen(monitor, portOf(monitor));
}

/** At each broker all monitors watch all devices, and find them up, and their alert services are heard. */
async function settled(): Promise<void> {
  await eventually(() => {
    for (const { newest } of stage.listeners.values()) {
      for (const device of DEVICES) {
        expect(newest.get(`guaita/device/${device}/spec`)).toMatchObject({ monitors: MONITORS });
        expect(newest.get(`guaita/device/${device}/state`)).toMatchObject({ state: 'up' });
      }
      for (const monitor of MONITORS) {
        expect(newest.get(`guaita/cluster/${monitor}`)).toMatchObject({ alive: true });
        expect(newest.get(`guaita/monitor/${monitor}/service/alert`)).toMatchObject({ state: 'online' });
      }
    }
  });
}

/** An alert on a device is open at each broker whose monitor lives. @returns its id. */
async function opened(device: Device): Promise<string> {
  return eventually(() => {
    const ids = [...stage.listeners.values()].map(({ newest }) => {
      const open = [...newest].find(([topic, value]) => topic.includes('/alert-open/') && value['subject'] === device);
      return open?.[1]['id'];
    });
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toBeDefined();
    return String(ids[0]);
  });
}

/** A receiver has been told of a device once. @returns by whom: in rank, but one that has just started lets the next go first. */
async function teller(device: Device): Promise<Monitor> {
  await eventually(() => expect(receiver.of(device)).toHaveLength(1));
  return receiver.of(device)[0]?.monitor as Monitor;
}

/** The device answers again, and its end is told. */
async function ends(device: Device, id: string, before: number): Promise<void> {
  await stage.namespace.wake(addressOf(device));
  await eventually(() => expect(receiver.of(device).slice(before)).toMatchObject([{ key: `${id}-end` }]));
}

describe('a receiver outside', { timeout: 360_000 }, () => {
  it('is told once by another where the sender is killed before it sends', async () => {
    const [sender, next] = rankedFor('before', MONITORS) as [Monitor, Monitor];
    await stage.namespace.silence(addressOf('before'));
    const id = await opened('before');
    await stage.halt(sender);
    await eventually(() => expect(receiver.of('before')).toHaveLength(1));
    expect(receiver.of('before')).toMatchObject([{ key: `${id}-begin`, monitor: next }]);
    await ends('before', id, 1);
    await start(sender);
    await settled();
    expect(receiver.of('before')).toHaveLength(2);
  });

  it('is told again under the same key where the sender is killed while it sends', async () => {
    receiver.hold();
    await stage.namespace.silence(addressOf('during'));
    const id = await opened('during');
    const sender = await teller('during');
    await stage.halt(sender);
    receiver.release();
    await eventually(() => expect(receiver.of('during')).toHaveLength(2));
    const told = receiver.of('during');
    expect(told.map(({ key }) => key)).toEqual(Array(2).fill(`${id}-begin`));
    expect(told[1]?.monitor).not.toBe(sender);
    await ends('during', id, 2);
    await start(sender);
    await settled();
    expect(receiver.of('during')).toHaveLength(3);
  });

  it('is not told again where the sender is killed after it sent, and is told the end by another', async () => {
    await stage.namespace.silence(addressOf('after'));
    const id = await opened('after');
    const sender = await teller('after');
    await eventually(() => {
      for (const { newest } of stage.listeners.values()) {
        expect(newest.get(`guaita/monitor/${sender}/sent/${id}`)).toMatchObject({ to: { hook: { ended: false } } });
      }
    });
    await stage.halt(sender);
    await pause(LAST_TURN_ms);
    expect(receiver.of('after')).toHaveLength(1);
    await ends('after', id, 1);
    await pause(LAST_TURN_ms);
    expect(receiver.of('after')[1]?.monitor).not.toBe(sender);
    await start(sender);
    await settled();
    expect(receiver.of('after')).toHaveLength(2);
  });

  it('is told an end as it was said also where all monitors are restarted before it could be told', async () => {
    await stage.namespace.silence(addressOf('restart'));
    const id = await opened('restart');
    await eventually(() => expect(receiver.of('restart')).toMatchObject([{ key: `${id}-begin` }]));
    receiver.hold();
    await stage.namespace.wake(addressOf('restart'));
    await eventually(() => expect(receiver.of('restart')).toMatchObject([{}, { key: `${id}-end` }]));
    // Each keeps what has waited for a second.
    await pause(2_000);
    for (const monitor of MONITORS) await stage.halt(monitor);
    const before = receiver.of('restart').length;
    receiver.release();
    for (const monitor of MONITORS) await start(monitor);
    await eventually(() => expect(receiver.of('restart').length).toBeGreaterThan(before));
    expect(receiver.of('restart')[before]).toMatchObject({
      key: `${id}-end`,
      text: expect.stringContaining('is up again') as string,
    });
  });
});
