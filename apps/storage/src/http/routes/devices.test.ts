import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import type { Alert } from '@guaita/model';
import { describe, expect, it, test } from 'vitest';
import { HttpStage, type StageOptions } from '../http-stage.testdata.ts';

let stage: HttpStage;
async function open(options?: StageOptions): Promise<HttpStage> {
  stage = await HttpStage.begin(options);
  return stage;
}

const AT = '2026-03-01T11:00:00.000Z';

describe('devices', () => {
  async function network(): Promise<HttpStage> {
    const all = await open();
    stage.wire.say(channels.cluster, { monitor: 'pi-1' }, view('home'));
    stage.wire.say(channels.cluster, { monitor: 'pi-2' }, view('attic'));
    stage.say('c', { name: 'Roof AP', tags: ['roof'], monitors: ['pi-1'] }, 'down');
    stage.say('a', { addresses: ['10.0.0.7'], monitors: ['pi-1', 'pi-2'] }, 'up');
    stage.say('b', { tags: ['roof'], monitors: ['pi-2'] });
    return all;
  }
  const view = (site: string) => {
    return { site, alive: true, isolated: false, probing: true, devices: 0, at: AT };
  };

  test.each([
    ['', ['a', 'b', 'c']],
    ['state=down', ['c']],
    ['state=unknown', ['b']],
    ['tag=roof', ['b', 'c']],
    ['site=attic', ['a', 'b']],
    ['text=ROOF%20ap', ['c']],
    ['text=10.0.0.', ['a']],
    ['tag=roof&site=home', ['c']],
    ['tag=none', []],
  ])('are chosen by %j', async (query, expected) => {
    const { ask } = await network();
    const { total, devices } = JSON.parse((await ask(`/api/devices?${query}`)).text);
    expect(devices.map(({ device }: { device: string }) => device)).toEqual(expected);
    expect(total).toBe(expected.length);
  });

  it('come some at a time', async () => {
    const { ask } = await network();
    const first = JSON.parse((await ask('/api/devices?limit=2')).text);
    expect(first).toMatchObject({ total: 3, next: 'b' });
    const second = JSON.parse((await ask(`/api/devices?limit=2&after=${first.next}`)).text);
    expect(second.devices.map(({ device }: { device: string }) => device)).toEqual(['c']);
    expect(second.next).toBeUndefined();
  });

  it('bear the alerts that are open on them', async () => {
    const { ask } = await network();
    const alert: Alert = {
      ...{ id: '0123456789abcdef', kind: 'down', severity: 'critical', subject: 'c', name: 'Roof AP', tags: [] },
      ...{ episode: 1, since: AT, at: AT, text: 'it is down', seen_by: [], resolves: false },
    };
    const count = async (): Promise<number> => JSON.parse((await ask('/api/devices?text=c')).text).devices[0].alerts;
    expect(await count()).toBe(0);
    stage.wire.say(channels.openAlert, { alert: alert.id }, alert);
    // One on the monitor of that name is none on the device.
    const other = { ...alert, id: 'fedcba9876543210', kind: 'monitor-lost' as const };
    stage.wire.say(channels.openAlert, { alert: other.id }, other);
    await eventually(async () => expect(await count()).toBe(1));
    expect(JSON.parse((await ask('/api/devices/c')).text).alerts).toEqual([alert]);
    stage.wire.clear(channels.openAlert, { alert: alert.id });
    await eventually(async () => expect(await count()).toBe(0));
  });

  it('are told in full one by one, until they are gone from the inventory', async () => {
    const { ask } = await network();
    expect(JSON.parse((await ask('/api/devices/c')).text)).toMatchObject({
      ...{ spec: { name: 'Roof AP' }, verdict: { state: 'down' }, alerts: [] },
    });
    stage.wire.clear(channels.spec, { device: 'c' });
    expect(await ask('/api/devices/c')).toMatchObject({ status: 404, text: expect.stringContaining('is not known') });
  });

  it('that went while the broker was away are not told any more half a minute later', async () => {
    const { ask } = await network();
    const { bus } = stage.wire;
    // The test says it by the server's own connection, which would say it again.
    await bus.flushed();
    bus.forget('guaita/device/c/spec');
    const has = async (): Promise<boolean> => (await ask('/api/devices/c')).status === 200;
    await stage.interrupt((broker) =>
      broker.publish({ topic: 'guaita/device/c/spec', payload: '', qos: 1, retain: true }),
    );
    expect(bus.connected).toBe(true);
    expect(await has()).toBe(true);
    await stage.clock.advance(30_000);
    expect(await has()).toBe(false);
    expect((await ask('/api/devices/a')).status).toBe(200);
  });

  it('are a table for a spreadsheet, in which no name is a formula', async () => {
    const { ask } = await network();
    stage.say('d', { name: '=cmd|calc!A0' });
    const { text, headers } = await ask('/api/devices?text=cmd', { accept: 'text/csv' });
    expect(text.split('\r\n')[1]).toMatch(/^d,'=cmd\|calc!A0,/);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="devices.csv"',
    });
  });
});
