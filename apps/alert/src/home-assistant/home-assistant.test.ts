import { MemoryBus } from '@guaita/bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Audience } from '../audience.testdata.ts';
import { DeviceDiscovery } from './documented.testdata.ts';

const WELL = { a: 'answering', b: 'answering' } as const;
const ON = { home_assistant: { enabled: true } };
const ROUTER = 'homeassistant/device/guaita/router/config';
/** Until it is sure that all is known, what an earlier run said is left as it is; then some sweeps. */
const SETTLED_s = 60;

let audience: Audience;
beforeEach(async () => {
  audience = new Audience();
  await audience.start();
  for (const monitor of ['a', 'b']) audience.monitor(monitor);
  audience.device('router', WELL);
});
afterEach(() => audience.stop());

/** What Home Assistant is told, checked against what it documents. */
function told(topic = ROUTER): DeviceDiscovery | undefined {
  const kept = audience.broker.retained.get(topic);
  return kept === undefined ? undefined : DeviceDiscovery.parse(JSON.parse(kept));
}

/** Who says verdicts, as Home Assistant is told. */
function speaker(): string | undefined {
  return told()?.availability?.[1]?.topic;
}

/** Another client of the same broker. */
async function client(): Promise<MemoryBus> {
  const bus = new MemoryBus(audience.broker);
  await bus.start();
  return bus;
}

describe('Home Assistant', () => {
  it('is told of every device, and of nothing any more when it is gone', async () => {
    await audience.service('a', true, ON);
    await audience.until(() => expect(told()?.device.name).toBe('router'), 1);
    expect(told()?.components['latency']).toMatchObject({ state_topic: 'guaita/monitor/a/ping/router' });
    audience.device('router', undefined);
    await audience.until(() => expect(told()).toBeUndefined(), 1);
  });

  it('is told nothing where it is not asked for', async () => {
    await audience.service('a');
    await audience.until(() => expect(audience.state('router')).toMatchObject({ state: 'up' }), 1);
    await audience.pass(SETTLED_s);
    expect([...audience.broker.retained.keys()].filter((topic) => topic.startsWith('homeassistant'))).toEqual([]);
  });

  it('is shown the measurements of who watches a device, and goes on with those while nobody does', async () => {
    await audience.service('a', true, ON);
    await audience.until(() => expect(told()?.components['loss']).toMatchObject({ expire_after: 180 }), 1);
    audience.device('router', { b: 'answering' });
    const ofB = { state_topic: 'guaita/monitor/b/ping/router' };
    await audience.until(() => expect(told()?.components['loss']).toMatchObject(ofB), 1);
    audience.device('router', {});
    await audience.pass(5);
    expect(told()?.components['loss']).toMatchObject(ofB);
  });

  it('hears of the one who speaks alone, and of whoever takes over', async () => {
    const a = await audience.service('a', true, ON);
    const b = await audience.service('b', false, ON);
    await audience.until(() => expect(speaker()).toBe('guaita/monitor/a/service/alert'), 1);
    a.pass(false);
    b.pass(true);
    await audience.until(() => expect(speaker()).toBe('guaita/monitor/b/service/alert'), 1);
    b.pass(false);
    a.pass(true);
    await audience.until(() => expect(speaker()).toBe('guaita/monitor/a/service/alert'), 1);
    audience.device('router', undefined);
    await audience.until(() => expect(told()).toBeUndefined(), 1);
  });

  it('is told all again when it starts, by the one who speaks', async () => {
    await audience.service('a', true, ON);
    await audience.service('b', false, ON);
    await audience.until(() => expect(told()).toBeDefined(), 1);
    const home = await client();
    const heard: string[] = [];
    await home.subscribe('homeassistant/device/#', ({ topic, retain }) => void (retain || heard.push(topic)));
    for (const payload of ['offline', 'online']) {
      home.publish({ topic: 'homeassistant/status', payload, qos: 1, retain: false });
    }
    await audience.until(() => expect(heard).toEqual([ROUTER]), 1);
    await audience.pass(10);
    expect(heard).toEqual([ROUTER]);
    await home.stop();
  });

  it('loses what it was told of ours, and of nobody else’s, when it is switched off', async () => {
    const others = 'homeassistant/device/zigbee/lamp/config';
    const home = await client();
    home.publish({ topic: others, payload: '{}', qos: 1, retain: true });
    const first = await audience.service('a', true, ON);
    await audience.until(() => expect(told()).toBeDefined(), 1);
    await first.stop();
    await audience.service('a');
    await audience.until(() => expect(told()).toBeUndefined(), 5);
    expect(audience.broker.retained.has(others)).toBe(true);
    await home.stop();
  });

  it('loses a device that was taken out while nobody spoke', async () => {
    audience.device('attic', WELL);
    const attic = 'homeassistant/device/guaita/attic/config';
    const first = await audience.service('a', true, ON);
    await audience.until(() => expect(told(attic)).toBeDefined(), 1);
    await first.stop();
    audience.device('attic', undefined);
    await audience.service('a', true, ON);
    await audience.until(() => expect(told(attic)).toBeUndefined(), 5);
    expect(told()).toBeDefined();
  });
});
