import { Counter, Gauge, type Registry } from 'prom-client';

/** What the export counts, at `/metrics`. */
export class ExportMetrics {
  readonly #registry: Registry;
  readonly #samples: Counter;
  readonly #refused: Counter;
  readonly #givenUp: Counter;
  readonly #waiting: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registry = registry;
    this.#samples = new Counter({
      name: 'guaita_export_samples_total',
      help: 'Samples that the other store has taken',
      registers,
    });
    this.#refused = new Counter({
      name: 'guaita_export_refused_samples_total',
      help: 'Samples that the other store will never take',
      registers,
    });
    this.#givenUp = new Counter({
      name: 'guaita_export_given_up_rows_total',
      help: 'Rows that were not exported, since too many waited while the other store was away',
      registers,
    });
    this.#waiting = new Gauge({
      name: 'guaita_export_waiting_bytes',
      help: 'Bytes of the journal that the other store has not taken yet',
      registers,
    });
  }

  taken(samples: number): void {
    this.#samples.inc(samples);
  }

  refused(samples: number): void {
    this.#refused.inc(samples);
  }

  gaveUp(rows: number): void {
    this.#givenUp.inc(rows);
  }

  waiting(bytes: number): void {
    this.#waiting.set(bytes);
  }

  /** Takes them out of the registry, so that a service may be started again in this process. */
  remove(): void {
    for (const name of ['samples_total', 'refused_samples_total', 'given_up_rows_total', 'waiting_bytes']) {
      this.#registry.removeSingleMetric(`guaita_export_${name}`);
    }
  }
}
