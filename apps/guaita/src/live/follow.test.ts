import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { PingObservation } from '@guaita/model';
import { ManualClock } from '@guaita/service';
import { afterEach, describe, expect, it } from 'vitest';
import { Follower } from './follow.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const up: PingObservation = {
  at: '2026-01-01T00:00:00.000Z',
  address: '10.0.0.1',
  sent: 3,
  received: 3,
  loss_percent: 0,
  rtt_min_ms: 1,
  rtt_avg_ms: 2,
  rtt_max_ms: 3,
  jitter_ms: 1,
  state: 'up',
};

async function follow(
  json: boolean,
): Promise<{ broker: MemoryBroker; speaker: Wire; clock: ManualClock; lines: string[] }> {
  const broker = new MemoryBroker();
  const clock = new ManualClock();
  const lines: string[] = [];
  const wires = [0, 1].map(() => {
    const bus = new MemoryBus(broker);
    stops.push(() => bus.stop());
    return new Wire(bus, (error) => lines.push(`invalid: ${error.message}`));
  });
  await Promise.all(wires.map(({ bus }) => bus.start()));
  const [speaker, listener] = wires as [Wire, Wire];
  const print = (line: string): void => void lines.push(line);
  const follower = new Follower(listener, { clock, print, json, render: { colour: false, self: 'pi-1' } });
  await follower.start();
  stops.push(() => follower.stop());
  return { broker, speaker, clock, lines };
}

describe('following a broker', () => {
  it('counts an observation no more once it has expired, for nobody takes it back', async () => {
    const { speaker, clock, lines } = await follow(false);
    speaker.say(channels.ping, { monitor: 'pi-1', device: 'router' }, up, 10);
    speaker.say(channels.ping, { monitor: 'pi-1', device: 'attic' }, up, 60);
    await speaker.bus.flushed();
    await clock.advance(70_000);
    const summaries = lines.filter((line) => line.includes('summary'));
    expect(summaries).toEqual([expect.stringContaining('2 devices'), expect.stringContaining('1 device ·')]);
  });

  it('prints a line per change, a summary soon after the start and then one a minute', async () => {
    const { speaker, clock, lines } = await follow(false);
    speaker.say(channels.service, { monitor: 'pi-1', service: 'ping' }, { state: 'online', at: up.at });
    speaker.say(channels.ping, { monitor: 'pi-1', device: 'router' }, up, 60);
    await speaker.bus.flushed();
    await clock.advance(10_000);
    expect(lines.map((line) => line.slice(10))).toEqual([
      'online   service ping of pi-1',
      'up       router                   10.0.0.1               2.00 ms, 0 % loss',
      'summary  1 device · 1 up · 0 down · 0 unknown · 1 monitor · 1 observation · median round trip 2.00 ms',
    ]);
    await clock.advance(60_000);
    expect(lines).toHaveLength(4);
  });

  it('counts what is too much to read in a second', async () => {
    const { speaker, clock, lines } = await follow(false);
    for (let index = 0; index < 100; index++)
      speaker.say(channels.ping, { monitor: 'pi-1', device: `d-${index}` }, up, 60);
    await speaker.bus.flushed();
    await clock.advance(1_000);
    expect(lines).toHaveLength(41);
    expect(lines.at(-1)).toContain('… and 60 more changes in that second');
  });

  it('gives programs every event as JSON', async () => {
    const { speaker, clock, lines } = await follow(true);
    for (let index = 0; index < 100; index++)
      speaker.say(channels.ping, { monitor: 'pi-1', device: `d-${index}` }, up, 60);
    await speaker.bus.flushed();
    await clock.advance(10_000);
    const events = lines.map((line) => JSON.parse(line) as { event: string });
    expect(events.filter(({ event }) => event === 'device')).toHaveLength(100);
    expect(events.at(-1)).toMatchObject({ event: 'summary', devices: { up: 100, down: 0, unknown: 0 } });
  });

  it('forgets after a reconnection what was taken away meanwhile, and counts nothing twice', async () => {
    const { broker, speaker, clock, lines } = await follow(true);
    const summary = (): unknown => JSON.parse(lines.at(-1) ?? '');
    for (const device of ['ap', 'cam']) speaker.say(channels.ping, { monitor: 'pi-1', device }, up, 60);
    await speaker.bus.flushed();
    await clock.advance(10_000);
    expect(summary()).toMatchObject({ devices: { up: 2 }, observations: 2 });
    broker.stop();
    speaker.clear(channels.ping, { monitor: 'pi-1', device: 'cam' });
    broker.start();
    await speaker.bus.flushed();
    await expect.poll(() => broker.clients.length).toBe(2);
    await clock.advance(60_000);
    expect(summary()).toMatchObject({ devices: { up: 1 }, observations: 0 });
  });
});
