import type { Member, TagChange } from '@guaita/serf';
import { createMetrics, Health, ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { PublisherMetrics } from './metrics.ts';
import { Publisher } from './publisher.ts';
import { service } from './services/services.testdata.ts';
import { SerfTagSink, type SerfTagOptions } from './sinks/serf-tag.ts';
import type { Source, SourceListener } from './sources/source.ts';

/** A source that lists the same each minute, in another order, as Kubernetes and Docker may. */
class Relisting implements Source {
  readonly name = 'kubernetes';
  readonly #clock: ManualClock;
  #rounds = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async start(listener: SourceListener): Promise<void> {
    const services = ['a', 'b', 'c'].map((name, index) => service(name, 80 + index, { txt: { x: '1', y: '2' } }));
    const list = (): void => {
      this.#rounds += 1;
      listener.has(this.#rounds % 2 === 0 ? services : services.toReversed());
      this.#clock.after(60_000, list);
    };
    list();
  }

  async stop(): Promise<void> {
    // The clock stands still then.
  }
}

it('an hour in which nothing changes makes no member-update', async () => {
  const clock = new ManualClock();
  const tags = new Map<string, string>([['role', 'router']]);
  let looks = 0;
  let updates = 0;
  const agent: SerfTagOptions['agent'] = {
    async self() {
      looks += 1;
      return { tags } as unknown as Member;
    },
    async tags({ set = {} }: TagChange) {
      updates += 1;
      for (const [name, value] of Object.entries(set)) tags.set(name, value);
      return true;
    },
  };
  const sink = new SerfTagSink({ agent, host: { host: 'pi-1.lab.local', microcloud: '' }, room_bytes: 512 });
  const publisher = new Publisher({
    ...{ clock, random: () => 0, log: pino({ level: 'silent' }), health: new Health() },
    ...{ sources: [new Relisting(clock)], sinks: [{ sink, repeat_ms: 60_000 }] },
    metrics: new PublisherMetrics(createMetrics()),
  });
  await publisher.start();
  await clock.advance(1_000);
  expect(updates).toBe(1);
  const told = tags.get('services');
  await clock.advance(3_600_000);
  expect(updates).toBe(1);
  expect(looks).toBeGreaterThan(50);
  expect(tags.get('services')).toBe(told);
  await publisher.stop();
});
