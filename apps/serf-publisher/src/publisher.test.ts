import { createMetrics, Health, ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { PublisherMetrics } from './metrics.ts';
import { Publisher } from './publisher.ts';
import { service } from './services/services.testdata.ts';
import type { LeftOut, Sink } from './sinks/sink.ts';
import type { Source, SourceListener } from './sources/source.ts';

/** A source that says what it is told to say. */
class Puppet implements Source {
  readonly name: string;
  listener: SourceListener | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async start(listener: SourceListener): Promise<void> {
    this.listener = listener;
  }

  async stop(): Promise<void> {
    this.listener = undefined;
  }
}

describe('a publisher', () => {
  let clock: ManualClock;
  let health: Health;
  let lines: { level: number; msg: string }[];
  let said: Puppet;
  let found: Puppet;
  let leftOut: readonly LeftOut[];
  /** What the sink was given: `name:port`, and `…` where that is not all yet. */
  let given: string[];
  let publisher: Publisher;
  let figures: () => Promise<string>;

  beforeEach(async () => {
    clock = new ManualClock();
    health = new Health();
    lines = [];
    given = [];
    leftOut = [];
    said = new Puppet('announcements');
    found = new Puppet('swarm');
    const sink: Sink = {
      name: 'tag',
      async publish(services, complete) {
        given.push([...services.map(({ name, port }) => `${name}:${port}`), ...(complete ? [] : ['…'])].join(' '));
        return leftOut;
      },
    };
    const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as never) });
    const registry = createMetrics();
    figures = () => registry.metrics();
    const metrics = new PublisherMetrics(registry);
    const parts = { clock, log, health, metrics, random: () => 0 };
    publisher = new Publisher({ ...parts, sources: [said, found], sinks: [{ sink, repeat_ms: Infinity }] });
    await publisher.start();
  });

  const warnings = (): string[] => lines.filter(({ level }) => level >= 40).map(({ msg }) => msg);

  it('tells what all sources have together, and withdraws nothing before each has spoken', async () => {
    said.listener?.has([service('a')]);
    await clock.advance(1_000);
    found.listener?.has([service('b', 81)]);
    await clock.advance(1_000);
    found.listener?.has([]);
    await clock.advance(1_000);
    expect(given).toEqual(['a:80 …', 'a:80 b:81', 'a:80']);
  });

  it('says that nothing is there, once that is known', async () => {
    said.listener?.has([]);
    await clock.advance(1_000);
    expect(given).toEqual([]);
    found.listener?.has([]);
    await clock.advance(1_000);
    expect(given).toEqual(['']);
  });

  it('says once what comes at the same moment, and nothing where nothing changed', async () => {
    said.listener?.has([service('a')]);
    for (let port = 1; port <= 50; port += 1) found.listener?.has([service('b', port)]);
    await clock.advance(1_000);
    for (let time = 0; time < 50; time += 1) {
      found.listener?.has([service('b', 50)]);
      await clock.advance(60_000);
    }
    expect(given).toEqual(['a:80 b:50']);
  });

  it('keeps what a source had that fails, and tells of the failure once, and of its end', async () => {
    said.listener?.has([]);
    found.listener?.has([service('a')]);
    await clock.advance(1_000);
    for (let time = 0; time < 5; time += 1) found.listener?.fails(new Error('the engine is away; start it'));
    await clock.advance(1_000);
    expect(given).toEqual(['a:80']);
    const trouble = 'the engine is away; start it (what it had still counts)';
    expect(warnings()).toEqual([`source-swarm: ${trouble}`]);
    expect(health.parts.get('source-swarm')).toEqual({ ok: true, detail: trouble });
    found.listener?.has([service('a')]);
    expect(health.parts.get('source-swarm')).toEqual({ ok: true, detail: '' });
    expect(lines.at(-1)?.msg).toBe('source-swarm: all is well again');
    expect(await figures()).toContain('guaita_serf_publisher_source_failures_total{source="swarm"} 5');
  });

  it('tells of conflicts, and of remarks, once', async () => {
    said.listener?.has([service('a', 81)]);
    for (let time = 0; time < 3; time += 1) {
      found.listener?.has([service('a', 80)], ['Swarm service x: label y: is unknown']);
      await clock.advance(1_000);
    }
    expect(given).toEqual(['a:81']);
    expect(warnings()).toEqual([
      'source-swarm: Swarm service x: label y: is unknown',
      'conflicts: several services are http a: that of announcements at 10.0.0.1:81 counts, not that of swarm at 10.0.0.1:80; give them different names',
    ]);
  });

  it('says clearly what a sink leaves out', async () => {
    const services = Array.from({ length: 200 }, (_, index) => service(`s-${100 + index}`, 1 + index));
    leftOut = services.slice(12).map((each) => ({ service: { ...each, source: 'swarm' }, why: 'the tag is full' }));
    said.listener?.has([]);
    found.listener?.has(services);
    await clock.advance(1_000);
    expect(warnings()).toEqual([
      expect.stringMatching(/^sink-tag: does not tell of http\/s-112, .*http\/s-131 and 168 more: the tag is full$/),
    ]);
    expect(health.parts.get('sink-tag')?.detail).toContain('and 168 more: the tag is full');
    expect(await figures()).toContain('guaita_serf_publisher_left_out{sink="tag"} 188');
    expect(await figures()).toContain('guaita_serf_publisher_services{source="swarm"} 200');
  });

  it('says which services came, changed and went', async () => {
    said.listener?.has([service('a'), service('b')]);
    await clock.advance(1_000);
    said.listener?.has([service('b', 81), service('c')]);
    await clock.advance(1_000);
    expect(lines.filter(({ msg }) => msg === 'services changed')).toMatchObject([
      { added: 'http/a, http/b', changed: '', removed: '' },
      { added: 'http/c', changed: 'http/b', removed: 'http/a', services: 2 },
    ]);
  });

  it('tells nothing more once it is stopped', async () => {
    said.listener?.has([service('a')]);
    await publisher.stop();
    await clock.advance(60_000);
    expect(given).toEqual([]);
    expect(found.listener).toBeUndefined();
  });
});
