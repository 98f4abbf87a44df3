import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Bus } from '@guaita/bus';

/**
 * prom-client would look at the event loop every 10 ms, and so wake an idle process 100 times a second: on a small host
 * that costs more than the probing. Once an hour is never; what it would tell of (delays by percentile) is left out, and
 * the lag is measured when somebody asks.
 */
const NEVER_ms = 3_600_000;
const LAG_PERCENTILES = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];

/**
 * The metrics of one process, with Node's own. All services of a process share it, so their names begin with
 * `guaita_<service>_` and never meet.
 */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_ms });
  for (const part of LAG_PERCENTILES) registry.removeSingleMetric(`nodejs_eventloop_lag_${part}_seconds`);
  return registry;
}

/** Shows every service's connection to the broker, read when somebody asks. */
export class BusMetrics {
  readonly #buses = new Map<string, Bus>();

  constructor(registry: Registry) {
    this.#gauge(registry, 'guaita_bus_connected', 'Whether the service is connected to the broker', (bus) =>
      bus.connected ? 1 : 0,
    );
    this.#gauge(
      registry,
      'guaita_bus_outbox_waiting',
      'Messages that the broker has not acknowledged',
      (bus) => bus.outbox.waiting,
    );
    this.#counter(
      registry,
      'guaita_bus_outbox_dropped_total',
      'Messages given up because the outbox was full, or expired in it',
      (bus) => bus.outbox.dropped,
    );
    this.#counter(
      registry,
      'guaita_bus_outbox_rejected_total',
      'Messages that the broker refused',
      (bus) => bus.outbox.rejected,
    );
  }

  add(service: string, bus: Bus): void {
    this.#buses.set(service, bus);
  }

  remove(service: string): void {
    this.#buses.delete(service);
  }

  #gauge(registry: Registry, name: string, help: string, read: (bus: Bus) => number): void {
    const buses = this.#buses;
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: ['service'],
      registers: [registry],
      collect() {
        gauge.reset();
        for (const [service, bus] of buses) gauge.set({ service }, read(bus));
      },
    });
  }

  /** The bus counts by itself: its count is taken over as it stands. */
  #counter(registry: Registry, name: string, help: string, read: (bus: Bus) => number): void {
    const buses = this.#buses;
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: ['service'],
      registers: [registry],
      collect() {
        counter.reset();
        for (const [service, bus] of buses) counter.inc({ service }, read(bus));
      },
    });
  }
}
