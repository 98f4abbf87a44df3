import { Counter, Gauge, type Registry } from 'prom-client';
import type { EventResult } from './events/serf-events.ts';
import type { PublishedService } from './services/published-service.ts';

/** What serf-publisher counts, at `/metrics`. */
export class PublisherMetrics {
  readonly #registry: Registry;
  readonly #services: Gauge;
  readonly leftOut: Gauge;
  readonly sourceFailures: Counter;
  readonly sinkFailures: Counter;
  readonly #events: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registry = registry;
    this.#services = new Gauge({
      name: 'guaita_serf_publisher_services',
      help: 'Services that are published, by the source that has them',
      labelNames: ['source'],
      registers,
    });
    this.leftOut = new Gauge({
      name: 'guaita_serf_publisher_left_out',
      help: 'Services that a sink does not tell of',
      labelNames: ['sink'],
      registers,
    });
    this.sourceFailures = new Counter({
      name: 'guaita_serf_publisher_source_failures_total',
      help: 'Times at which a source could not be asked',
      labelNames: ['source'],
      registers,
    });
    this.sinkFailures = new Counter({
      name: 'guaita_serf_publisher_sink_failures_total',
      help: 'Times at which a sink could not tell',
      labelNames: ['sink'],
      registers,
    });
    this.#events = new Counter({
      name: 'guaita_serf_publisher_events_total',
      help: 'User events of Serf that are wanted, by what became of them: told, or passed over in a flood or as unfit',
      labelNames: ['result'],
      registers,
    });
  }

  event(result: EventResult): void {
    this.#events.inc({ result });
  }

  /** These are published now. */
  services(services: readonly PublishedService[]): void {
    this.#services.reset();
    for (const { source } of services) this.#services.inc({ source });
  }

  /** Takes them out of the registry, so that a service may be started again in this process. */
  remove(): void {
    for (const name of ['services', 'left_out', 'source_failures_total', 'sink_failures_total', 'events_total']) {
      this.#registry.removeSingleMetric(`guaita_serf_publisher_${name}`);
    }
  }
}
