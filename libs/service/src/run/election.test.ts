import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { Election } from './election.ts';
import { presenceWill, sayPresence, type Speaker } from './presence.ts';

let clock: ManualClock;
let broker: MemoryBroker;
let stops: (() => Promise<void>)[];

beforeEach(() => {
  clock = new ManualClock();
  broker = new MemoryBroker({ monotonic_ms: () => clock.monotonic_ms() });
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
});

/** An instance of the service `assign` of a monitor, on the broker that all share, and what it was told. */
async function instance(monitor: string) {
  const speaker: Speaker = { base: 'guaita', monitor, service: 'assign', instance: 'one' };
  const bus = new MemoryBus(broker, {
    ...{ clientId: monitor, will: presenceWill(speaker), monotonic_ms: () => clock.monotonic_ms() },
  });
  await bus.start();
  const wire = new Wire(bus, () => undefined);
  let unheard = 0;
  const election = new Election(wire, speaker, clock, () => (unheard += 1));
  const leave = sayPresence(wire, speaker, clock, () => election.isPreferred);
  const told: boolean[] = [];
  election.onChange((speaks) => told.push(speaks));
  await election.start();
  await clock.advance(0);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await election.stop();
    leave();
    await bus.stop();
  };
  stops.push(stop);
  return { bus, election, told, unheard: () => unheard, stop };
}

describe('of the instances that share a broker', () => {
  test('one that is alone speaks, also for a long time', async () => {
    const { election, told } = await instance('b');
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance(60_000);
      expect(election.speaks).toBe(true);
    }
    expect(told).toEqual([true]);
  });

  test('the lowest speaks, whoever came first', async () => {
    const b = await instance('b');
    const a = await instance('a');
    const c = await instance('c');
    expect([a, b, c].map(({ election }) => election.speaks)).toEqual([true, false, false]);
    expect(b.told).toEqual([true, false]);
    expect(c.told).toEqual([]);
    await a.stop();
    // Nobody’s words were in doubt.
    expect([a, b, c].map(({ unheard }) => unheard())).toEqual([0, 0, 0]);
  });

  test('the next takes over when it is gone, with a goodbye or without', async () => {
    const a = await instance('a');
    const b = await instance('b');
    const c = await instance('c');
    await a.stop();
    await clock.advance(0);
    expect([b, c].map(({ election }) => election.speaks)).toEqual([true, false]);
    b.bus.kill();
    await clock.advance(0);
    expect(c.election.speaks).toBe(true);
  });

  test('a preferred one goes before all others, the lowest of them first, for as long as it is that', async () => {
    const a = await instance('a');
    const b = await instance('b');
    const c = await instance('c');
    const speaking = (): string[] =>
      Object.entries({ a, b, c }).flatMap(([name, { election }]) => (election.speaks ? [name] : []));
    c.election.prefer(true);
    await clock.advance(0);
    expect(speaking()).toEqual(['c']);
    b.election.prefer(true);
    await clock.advance(0);
    expect(speaking()).toEqual(['b']);
    // Whoever comes later knows it before it speaks.
    const lower = await instance('0');
    expect(lower.told).toEqual([]);
    await clock.advance(120_000);
    expect(lower.told).toEqual([]);
    b.bus.kill();
    await clock.advance(0);
    expect(speaking()).toEqual(['c']);
    c.election.prefer(false);
    await clock.advance(0);
    expect(speaking()).toEqual([]);
    expect(lower.election.speaks).toBe(true);
  });

  test('one that stops says of itself no more whether it is preferred', async () => {
    const { election, stop } = await instance('a');
    await stop();
    election.prefer(true);
    expect([...broker.retained.keys()]).toEqual([]);
  });

  test('each knows which monitors are there', async () => {
    const a = await instance('a');
    const b = await instance('b');
    expect([...a.election.monitors].sort()).toEqual(['a', 'b']);
    b.bus.kill();
    await clock.advance(0);
    expect([...a.election.monitors]).toEqual(['a']);
  });

  test('never two speak, and once it is quiet the first of the preferred, else of all, whatever went before', async () => {
    const monitor = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.record({
      monitor,
      what: fc.constantFrom('comes', 'is cut off', 'stops', 'is preferred', 'is not', 'waits'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        clock = new ManualClock();
        broker = new MemoryBroker({ monotonic_ms: () => clock.monotonic_ms() });
        const there = new Map<string, Awaited<ReturnType<typeof instance>>>();
        const speaking = (): string[] => [...there].flatMap(([name, { election }]) => (election.speaks ? [name] : []));
        try {
          for (const { monitor, what } of steps) {
            const each = there.get(monitor);
            if (what === 'comes' && each === undefined) there.set(monitor, await instance(monitor));
            else if (what === 'is cut off') each?.bus.kill();
            else if (what === 'stops') await each?.stop();
            else if (what === 'waits') await clock.advance(2_500);
            else each?.election.prefer(what === 'is preferred');
            if (what === 'stops' || what === 'is cut off') there.delete(monitor);
            expect(speaking().length).toBeLessThanOrEqual(1);
            await clock.advance(0);
            expect(speaking().length).toBeLessThanOrEqual(1);
          }
          await clock.advance(5_000);
          const all = [...there.keys()].sort();
          const preferred = all.filter((name) => there.get(name)?.election.isPreferred);
          expect(speaking()).toEqual([...preferred, ...all].slice(0, 1));
        } finally {
          for (const { stop } of there.values()) await stop();
        }
      }),
      { numRuns: 60 },
    );
  });

  test('one whose presence is left over from a broker that died with it counts for a minute', async () => {
    const presence = { topic: 'guaita/host/a/presence/assign/old', qos: 1, retain: true } as const;
    broker.publish({ ...presence, payload: '{"state":"online","at":"2026-01-01T00:00:00.000Z"}', expiry_s: 60 });
    const { election } = await instance('b');
    expect(election.speaks).toBe(false);
    await clock.advance(62_000);
    expect(election.speaks).toBe(true);
  });

  test('one that stood still says nothing before it has shown again that it is there', async () => {
    let stands_ms = 0;
    const slow = { now_ms: () => clock.now_ms(), after: clock.after.bind(clock) };
    const speaker: Speaker = { base: 'guaita', monitor: 'a', service: 'assign', instance: 'one' };
    const bus = new MemoryBus(broker, { clientId: 'a' });
    await bus.start();
    const wire = new Wire(bus, () => undefined);
    const stood = { ...slow, monotonic_ms: () => clock.monotonic_ms() + stands_ms };
    let unheard = 0;
    const election = new Election(wire, speaker, stood, () => (unheard += 1));
    await election.start();
    await clock.advance(0);
    stops.push(async () => {
      await election.stop();
      await bus.stop();
    });
    expect(election.speaks).toBe(true);
    stands_ms = 4_500;
    expect(election.speaks).toBe(false);
    expect(unheard).toBe(1);
    await clock.advance(1_500);
    expect(election.speaks).toBe(true);
  });

  test('one that was suspended, its monotonic clock with it, falls silent for all as soon as it is asked', async () => {
    let suspended_ms = 0;
    const speaker: Speaker = { base: 'guaita', monitor: 'a', service: 'assign', instance: 'one' };
    const bus = new MemoryBus(broker, { clientId: 'a' });
    await bus.start();
    const wire = new Wire(bus, () => undefined);
    const resumed = { monotonic_ms: () => clock.monotonic_ms(), after: clock.after.bind(clock) };
    const suspended = { ...resumed, now_ms: () => clock.now_ms() + suspended_ms };
    const told: boolean[] = [];
    const election = new Election(wire, speaker, suspended, () => expect(told).toEqual([true, false]));
    election.onChange((speaks) => told.push(speaks));
    await election.start();
    await clock.advance(0);
    stops.push(async () => {
      await election.stop();
      await bus.stop();
    });
    suspended_ms = 60_000;
    expect(election.speaks).toBe(false);
    expect(told).toEqual([true, false]);
    await clock.advance(1_500);
    expect(told).toEqual([true, false, true]);
  });

  test('one whose broker does not answer falls silent after 4 s, and speaks again when it is back', async () => {
    const { election, told, unheard } = await instance('a');
    broker.stop();
    await clock.advance(4_500);
    expect(election.speaks).toBe(false);
    expect(unheard()).toBe(1);
    broker.start();
    await clock.advance(3_000);
    expect(election.speaks).toBe(true);
    expect(told).toEqual([true, false, true]);
  });
});
