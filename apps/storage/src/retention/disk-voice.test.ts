import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diskVoice } from './disk-voice.ts';
import type { DiskReport } from './retention.ts';

const TOPIC = 'guaita/monitor/one/disk';
const NOON = '2026-01-01T00:00:00.000Z';

function report(standing: DiskReport['standing'], gaveUp?: DiskReport['gaveUp']): DiskReport {
  return { standing, room: { free_bytes: 5, total_bytes: 100 }, history_bytes: 7, gaveUp };
}

/** A broker, a clock, and who says how a disk stands. */
class Scene {
  readonly clock = new ManualClock(Date.parse(NOON));
  readonly broker = new MemoryBroker();
  /** What was said, without what the broker kept. */
  readonly said: unknown[] = [];

  async begin(): Promise<ReturnType<typeof diskVoice>> {
    const wireOf = async (clientId: string): Promise<Wire> => {
      const bus = new MemoryBus(this.broker, { clientId, session: 'clean' });
      await bus.start();
      return new Wire(bus, () => undefined);
    };
    const ear = await wireOf('ear');
    await ear.hear(channels.disk, {}, ({ value, message }) => void (message.retain || this.said.push(value)));
    const wire = await wireOf('storage');
    const context = { wire, clock: this.clock, log: pino({ level: 'silent' }), monitor: 'one' };
    const voice = diskVoice(context);
    onTestFinished(() => voice.stop());
    voice.start();
    return voice;
  }
}

describe('what storage says of its disk', () => {
  it('is said when it changes, and kept by the broker', async () => {
    const scene = new Scene();
    const voice = await scene.begin();
    for (const each of [report('ok'), report('ok'), report('low'), report('low')]) {
      voice.report(each);
      await eventually(() => expect(scene.said.length).toBeGreaterThan(0));
    }
    await eventually(() => expect(scene.said).toHaveLength(2));
    expect(scene.said).toMatchObject([{ state: 'ok' }, { state: 'low', since: NOON, free_bytes: 5, history_bytes: 7 }]);
    await scene.clock.advance(60_000);
    voice.report(report('full', 'room'));
    voice.report(report('full'));
    await eventually(() => expect(scene.said).toHaveLength(4));
    expect(scene.said.slice(2)).toMatchObject([
      { state: 'full', since: '2026-01-01T00:01:00.000Z', gave_up: 'room' },
      { state: 'full', since: '2026-01-01T00:01:00.000Z' },
    ]);
  });

  it('goes on over a restart as one event, and is said again before brokers forget it', async () => {
    const scene = new Scene();
    const first = await scene.begin();
    first.report(report('low'));
    await eventually(() => expect(scene.said).toHaveLength(1));
    await first.stop();
    await scene.clock.advance(3_600_000);
    const second = await scene.begin();
    second.report(report('low'));
    await scene.clock.advance(6 * 3_600_000);
    await eventually(() => expect(scene.said.length).toBeGreaterThan(1));
    expect(scene.said.at(-1)).toMatchObject({ state: 'low', since: NOON });
  });

  it('is not believed where it is none', async () => {
    const scene = new Scene();
    scene.broker.publish({ topic: TOPIC, payload: '{"state":"huge"}', qos: 1, retain: true });
    (await scene.begin()).report(report('low'));
    await eventually(() => expect(scene.said).toMatchObject([{ state: 'low' }]));
  });
});
