import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { leftOutVoice, tellingLeftOut } from './left-out-voice.ts';
import { service } from './services/services.testdata.ts';
import type { LeftOut, Sink } from './sinks/sink.ts';

const TOPIC = 'guaita/monitor/one/services-left-out';
const NOON = '2026-01-01T12:00:00.000Z';

function leftOut(count: number): LeftOut[] {
  return Array.from({ length: count }, (_, index) => ({
    service: { ...service(`s-${100 + index}`, 1 + index), source: 'swarm' },
    why: 'full',
  }));
}

/** A broker, a clock, and what is said of a sink that leaves out what it is told to. */
class Scene {
  readonly clock = new ManualClock(Date.parse(NOON));
  readonly broker = new MemoryBroker();
  /** What was said, without what the broker kept. */
  readonly said: unknown[] = [];
  leftOut: readonly LeftOut[] = [];

  async listen(): Promise<this> {
    const ear = await this.#wire('ear');
    await ear.hear(channels.leftOut, {}, ({ value, message }) => void (message.retain || this.said.push(value)));
    return this;
  }

  /** Another life of the publisher. */
  async begin(): Promise<{ voice: ReturnType<typeof leftOutVoice>; sink: Sink }> {
    const wire = await this.#wire('publisher');
    const voice = leftOutVoice({ wire, clock: this.clock, log: pino({ level: 'silent' }), monitor: 'one' });
    onTestFinished(() => voice.stop());
    voice.start();
    const sink: Sink = { name: 'tag', publish: async () => this.leftOut };
    return { voice, sink: tellingLeftOut(sink, 512, voice) };
  }

  async until(count: number): Promise<void> {
    await eventually(() => expect(this.said).toHaveLength(count));
  }

  async #wire(clientId: string): Promise<Wire> {
    const bus = new MemoryBus(this.broker, { clientId, session: 'clean' });
    await bus.start();
    return new Wire(bus, () => undefined);
  }
}

describe('what is said of services that do not fit', () => {
  it('is said when it changes and each five minutes, with the first few names', async () => {
    const scene = await new Scene().listen();
    const { sink } = await scene.begin();
    scene.leftOut = leftOut(188);
    for (let time = 0; time < 3; time += 1) expect(await sink.publish([], true)).toBe(scene.leftOut);
    await scene.until(1);
    const services = scene.leftOut.slice(0, 10).map((each) => `http/${each.service.name}`);
    expect(scene.said[0]).toEqual({ count: 188, services, room_bytes: 512, since: NOON, at: NOON });
    await scene.clock.advance(300_000);
    await scene.until(2);
    expect(scene.said[1]).toMatchObject({ count: 188, since: NOON, at: '2026-01-01T12:05:00.000Z' });
    scene.leftOut = leftOut(20);
    await sink.publish([], true);
    await scene.until(3);
    expect(scene.said[2]).toMatchObject({ count: 20, since: NOON });
    scene.leftOut = [];
    await sink.publish([], true);
    await scene.until(4);
    expect(scene.said[3]).toMatchObject({ count: 0, services: [], since: '2026-01-01T12:05:00.000Z' });
  });

  it('is nothing where all fit and nobody heard otherwise', async () => {
    const scene = await new Scene().listen();
    const { sink } = await scene.begin();
    await sink.publish([], true);
    await scene.clock.advance(3_600_000);
    scene.leftOut = leftOut(1);
    await sink.publish([], true);
    await scene.until(1);
    expect(scene.said).toMatchObject([{ count: 1 }]);
  });

  it('goes on over a restart as one event, of which the end is not said before all services are known', async () => {
    const scene = await new Scene().listen();
    const first = await scene.begin();
    scene.leftOut = leftOut(3);
    await first.sink.publish([], true);
    await scene.until(1);
    await first.voice.stop();
    await scene.clock.advance(120_000);
    const { sink } = await scene.begin();
    scene.leftOut = [];
    await sink.publish([], false);
    await eventually(async () => {
      await scene.clock.advance(300_000);
      expect(scene.said.length).toBeGreaterThan(1);
    });
    expect(scene.said.at(-1)).toMatchObject({ count: 3, since: NOON });
    await sink.publish([], true);
    await eventually(() => expect(scene.said.at(-1)).toMatchObject({ count: 0 }));
  });

  it.each([
    [
      'was over everywhere meanwhile',
      JSON.stringify({ count: 3, services: [], room_bytes: 512, since: NOON, at: NOON }),
    ],
    ['cannot be read', '{"count":"many"}'],
  ])('begins anew where what is kept %s', async (_, payload) => {
    const scene = new Scene();
    scene.broker.publish({ topic: TOPIC, payload, qos: 1, retain: true });
    await scene.clock.advance(900_000);
    await scene.listen();
    const { sink } = await scene.begin();
    scene.leftOut = leftOut(3);
    await sink.publish([], true);
    await scene.until(1);
    const at = '2026-01-01T12:15:00.000Z';
    expect(scene.said).toMatchObject([{ count: 3, since: at, at }]);
  });
});
