import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Audience } from './audience.testdata.ts';

const WELL = { a: 'answering', b: 'answering', c: 'answering' } as const;
const DOWN = { a: 'down', b: 'down', c: 'answering' } as const;

let audience: Audience;
beforeEach(async () => {
  audience = new Audience();
  await audience.start();
  for (const monitor of ['a', 'b', 'c']) audience.monitor(monitor);
  audience.device('router', WELL);
});
afterEach(() => audience.stop());

/** The router goes down, silenced. */
async function silenced(seconds?: number): Promise<void> {
  audience.silence('roof', ['router'], seconds);
  await audience.until(() => expect(audience.state('router')?.state).toBe('up'), 1);
  audience.device('router', DOWN);
  await audience.until(() => expect(audience.openOn('router')).toMatchObject({ untold: true }), 1);
  expect(audience.alerts).toEqual([]);
}

describe('the alert service', () => {
  it('keeps a silenced alert as open, and says it once when its silence ends', async () => {
    await audience.service('a');
    await silenced(120);
    expect(audience.openOn('router')).toMatchObject({ silenced: { silence: 'roof', by: 'ada', why: 'a new roof' } });
    await audience.until(() => expect(audience.alerts).toMatchObject([{ kind: 'down', resolves: false }]), 1);
    expect(audience.alerts[0]).not.toHaveProperty('silenced');
    expect(audience.openOn('router')).not.toHaveProperty('untold');
    await audience.pass(3600);
    audience.device('router', WELL);
    await audience.until(() => expect(audience.alerts).toHaveLength(2), 1);
  });

  it('says nothing of an alert that is over before its silence', async () => {
    await audience.service('a');
    await silenced();
    audience.device('router', WELL);
    await audience.until(() => expect(audience.open).toEqual([]), 1);
    audience.silence('roof', undefined);
    await audience.pass(60);
    expect(audience.alerts).toEqual([]);
  });

  it('knows what is silenced before it says anything, at a start and at a takeover', async () => {
    const first = await audience.service('a');
    await silenced();
    await first.kill();
    const second = await audience.service('b');
    const third = await audience.service('c', false);
    await audience.pass(10);
    second.pass(false);
    third.pass(true);
    await audience.pass(10);
    expect(audience.alerts).toEqual([]);
    audience.silence('roof', undefined);
    await audience.until(() => expect(audience.alerts).toMatchObject([{ kind: 'down', resolves: false }]), 1);
  });

  it('learns of a silence and an acknowledgement that were taken away while the broker was away', async () => {
    await audience.service('a');
    await silenced();
    const { id = '' } = audience.openOn('router') ?? {};
    audience.acknowledge(id);
    audience.silence('other', ['switch']);
    audience.acknowledge('0123456789abcdef');
    await audience.until(() => expect(audience.openOn('router')).toMatchObject({ acknowledged: { by: 'ada' } }), 1);
    audience.broker.bar('a-alert');
    audience.silence('roof', undefined);
    audience.acknowledge(id, false);
    await audience.pass(1);
    audience.broker.admit('a-alert');
    await audience.until(() => expect(audience.alerts).toMatchObject([{ kind: 'down', resolves: false }]), 1);
    await audience.until(() => expect(audience.openOn('router')).not.toHaveProperty('acknowledged'), 1);
  });

  it('says a device that is amiss in a window of maintenance to be in maintenance, and alerts when that is over', async () => {
    const begin_ms = Math.ceil((audience.clock.now_ms() + 60_000) / 60_000) * 60_000;
    const begin = new Date(begin_ms);
    const cron = `${begin.getUTCMinutes()} ${begin.getUTCHours()} * * *`;
    await audience.service('a', true, {
      maintenance: [{ cron, duration: '10m', devices: ['router'], why: 'updates' }],
    });
    await audience.until(() => expect(audience.state('router')?.state).toBe('up'), 1);
    await audience.until(() => expect(audience.state('router')?.maintenance).toMatchObject({ why: 'updates' }), 5);
    audience.device('router', DOWN);
    await audience.until(() => expect(audience.state('router')?.state).toBe('maintenance'), 1);
    expect([audience.alerts, audience.open]).toEqual([[], []]);
    await audience.until(() => expect(audience.alerts).toMatchObject([{ kind: 'down', resolves: false }]), 10);
    expect(audience.clock.now_ms()).toBeGreaterThanOrEqual(begin_ms + 600_000);
  });
});
