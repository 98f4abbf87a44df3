import { SnmpObservation } from '@guaita/model';
import { NameCache } from '@guaita/probing';
import { ManualClock } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { MemorySession } from './memory-session.ts';
import { IF, SYS_UP_TIME } from './mib.ts';
import { PolledDevice } from './polled-device.ts';
import { Profile, readyProfile } from './profiles.ts';
import { object, sampleInterface, sampleSwitch, system } from './sample-agents.ts';
import { SessionPool } from './session-pool.ts';
import type { Varbind } from './session.ts';

const profile = readyProfile('core', Profile.parse({ community: 'c', allowed: ['10.0.0.0/8'] }));

/** A device in a world of agents by address, where every address that is asked is written down. */
function world(addresses: readonly string[], agents: Readonly<Record<string, MemorySession>>, names = {}) {
  const asked: string[] = [];
  const known: Readonly<Record<string, readonly string[]>> = names;
  const clock = new ManualClock();
  const pool = new SessionPool(10);
  const device = new PolledDevice(
    'core-1',
    { name: 'Core', addresses: [...addresses], checks: {} },
    { profile: 'core', interval_s: 60, port: 161 },
    {
      profiles: new Map([['core', profile]]),
      names: new NameCache(async (name) => known[name] ?? Promise.reject(new Error('no such name')), clock),
      pool,
      openSession: (address) => {
        asked.push(address);
        const silent = new MemorySession([]);
        silent.silent = true;
        return agents[address] ?? silent;
      },
      now_ms: () => clock.now_ms(),
      monotonic_ms: () => clock.monotonic_ms(),
    },
  );
  /** Polls as soon as it is ready, as the service does. */
  const poll = async (): Promise<SnmpObservation> => {
    if (!device.ready(() => undefined)) await clock.advance(1);
    return device.poll();
  };
  return { device, asked, clock, poll };
}

describe('a polled device', () => {
  it('is seen up with what its agent says, as the schema has it', async () => {
    const { poll } = world(['10.0.0.1'], { '10.0.0.1': new MemorySession(sampleSwitch(2)) });
    const observation = await poll();
    expect(SnmpObservation.parse(observation)).toEqual(observation);
    expect(observation).toMatchObject({
      at: '2026-01-01T00:00:00.000Z',
      address: '10.0.0.1',
      state: 'up',
      name: 'switch',
      uptime_s: 86_400,
      interfaces: { 'Gi1/0/1': { index: 1 }, 'Gi1/0/2': { alias: 'to Gi1/0/2' } },
    });
  });

  it('is never asked outside its profile’s networks, whatever form the address has, and says why', async () => {
    for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', 'stranger.lan']) {
      const { poll, asked } = world([address], {}, { 'stranger.lan': ['192.0.2.9', '::ffff:192.0.2.10'] });
      const observation = await poll();
      expect(observation).toMatchObject({ state: 'unknown', interfaces: {} });
      expect(observation.reason).toMatch(/outside the networks that profile "core" may be sent to; nothing was sent/);
      expect(asked).toEqual([]);
    }
  });

  it('is asked by name once the name leads into the networks, and not when it leads out again', async () => {
    const names: Record<string, string[]> = { 'sw.lan': ['192.0.2.1', '10.0.0.5'] };
    const { poll, asked, clock } = world(['sw.lan'], { '10.0.0.5': new MemorySession(system('sw', 500)) }, names);
    expect(await poll()).toMatchObject({ state: 'up', address: '10.0.0.5' });
    names['sw.lan'] = ['192.0.2.1'];
    await clock.advance(10 * 60_000);
    await poll();
    await clock.advance(1);
    expect(await poll()).toMatchObject({ state: 'unknown' });
    expect(asked).toEqual(['10.0.0.5']);
  });

  it('is not ready while its only name is looked up, and tells when it is', async () => {
    const agents = { '10.0.0.5': new MemorySession(system('sw', 500)) };
    const { device, clock } = world(['sw.lan'], agents, { 'sw.lan': ['::ffff:10.0.0.5'] });
    let told = 0;
    expect(device.ready(() => (told += 1))).toBe(false);
    await clock.advance(1);
    expect([told, device.ready(() => undefined)]).toEqual([1, true]);
    expect(await device.poll()).toMatchObject({ state: 'up', address: '10.0.0.5' });
    const also = world(['sw.lan', '10.0.0.5'], agents);
    expect(also.device.ready(() => undefined)).toBe(true);
    expect(await also.device.poll()).toMatchObject({ state: 'up', address: '10.0.0.5' });
  });

  it('is unknown when its name has no address or its profile is not configured here', async () => {
    const { poll } = world(['nowhere.lan'], {});
    expect(await poll()).toMatchObject({
      state: 'unknown',
      address: null,
      reason: 'nowhere.lan does not resolve: no such name',
    });
    const lost = world(['10.0.0.1'], {});
    Object.assign(lost.device.check, { profile: 'other' });
    expect((await lost.poll()).reason).toMatch(/no profile is called "other"/);
  });

  it('is down when none of its addresses answers, each tried in turn', async () => {
    const { poll, asked } = world(['10.0.0.1', '10.0.0.2'], {});
    expect(await poll()).toMatchObject({ state: 'down', address: '10.0.0.2' });
    expect(asked).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('is asked first where it answered last', async () => {
    const { poll, asked } = world(['10.0.0.1', '10.0.0.2'], { '10.0.0.2': new MemorySession(system('two', 500)) });
    await poll();
    expect(await poll()).toMatchObject({ state: 'up', address: '10.0.0.2' });
    expect(asked).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('has rates over a wrap, none over a reboot and none over a jump', async () => {
    const agent = new MemorySession(sampleSwitch(1));
    const { poll, clock } = world(['10.0.0.1'], { '10.0.0.1': agent });
    const rates: (number | string | null)[] = [];
    const minute = async (octets: bigint, ticks?: number): Promise<void> => {
      await clock.advance(60_000);
      agent.set(object(`${SYS_UP_TIME}.0`, 'timeticks', ticks ?? 8_640_000 + clock.monotonic_ms() / 10));
      agent.set(object(`${IF.in_octets}.1`, 'counter64', octets));
      const seen = (await poll()).interfaces['Gi1/0/1'];
      rates.push(seen?.in_bps ?? seen?.missing?.['in_bps'] ?? seen?.rates_unknown ?? null);
    };
    const end = 2n ** 64n;
    await minute(end - 3_750_000n);
    await minute(3_750_000n);
    await minute(2n ** 60n);
    await minute(2n ** 60n + 7_500_000n);
    await minute(7_500_000n, 3000);
    await minute(15_000_000n, 9000);
    expect(rates).toEqual(['first poll', 1e6, 'counter jumped', 1e6, 'reboot', 1e6]);
  });

  it('is followed when indexes move, and keeps what a 32-bit agent needs in mind', async () => {
    const old = (ports: readonly [number, string][]): Varbind[] =>
      ports.flatMap(([index, name]) => sampleInterface({ index, name, octets: 1000n, bits: 32, speed_bps: 1e6 }));
    const agent = new MemorySession(
      [
        ...system('old', 1000),
        ...old([
          [1, 'a'],
          [2, 'b'],
        ]),
      ],
      { version: '1' },
    );
    const { poll } = world(['10.0.0.1'], { '10.0.0.1': agent });
    expect(Object.keys((await poll()).interfaces)).toEqual(['Port a', 'Port b']);
    for (const { oid } of old([
      [1, 'a'],
      [2, 'b'],
    ]))
      agent.delete(oid);
    for (const varbind of old([
      [7, 'b'],
      [9, 'a'],
    ]))
      agent.set(varbind);
    const { interfaces } = await poll();
    expect(Object.entries(interfaces).map(([name, { index }]) => [name, index])).toEqual([
      ['Port b', 7],
      ['Port a', 9],
    ]);
  });

  it('tells what it did not get', async () => {
    const agent = new MemorySession(system('bare', 1000));
    const { poll } = world(['10.0.0.1'], { '10.0.0.1': agent });
    expect((await poll()).missing).toEqual({
      interfaces: 'the device has none in IF-MIB, or does not show them to these credentials',
    });
  });
});
