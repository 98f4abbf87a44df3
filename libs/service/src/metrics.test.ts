import { MemoryBroker, MemoryBus } from '@guaita/bus';
import { expect, test } from 'vitest';
import { BusMetrics, createMetrics } from './metrics.ts';

test('what a bus counts is a counter, and what it holds a gauge, read anew each time', async () => {
  const registry = createMetrics();
  const metrics = new BusMetrics(registry);
  // Nobody has started it: what is published waits, and beyond its limit the oldest measurement is dropped.
  const bus = new MemoryBus(new MemoryBroker(), { outboxLimit: 1, log: () => undefined });
  metrics.add('ping', bus);
  for (const topic of ['a', 'b', 'c']) {
    bus.publish({ topic, payload: 'x', qos: 1, retain: false, measurement: true });
  }
  for (let scrape = 0; scrape < 2; scrape++) {
    const text = await registry.metrics();
    expect(text).toContain('# TYPE guaita_bus_outbox_waiting gauge\nguaita_bus_outbox_waiting{service="ping"} 1');
    expect(text).toContain(
      '# TYPE guaita_bus_outbox_dropped_total counter\nguaita_bus_outbox_dropped_total{service="ping"} 2',
    );
    expect(text).toContain('# TYPE guaita_bus_outbox_rejected_total counter');
  }
  metrics.remove('ping');
  expect(await registry.metrics()).not.toContain('service="ping"');
});

test('the event loop is looked at when somebody asks, and not 100 times a second', async () => {
  const registry = createMetrics();
  expect(await registry.metrics()).toContain('nodejs_eventloop_lag_seconds');
  expect(await registry.metrics()).not.toContain('nodejs_eventloop_lag_p99_seconds');
});
