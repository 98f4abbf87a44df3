import { Histogram, type Registry } from 'prom-client';

const NAME = 'guaita_storage_http_seconds';

/** From what is answered out of memory to a query over years, which is given up after 30 s. */
const BUCKETS_s = [0.005, 0.02, 0.1, 0.5, 2, 10, 30];

/** What the page, its API and the way to the broker are asked, at `/metrics`. */
export class HttpMetrics {
  readonly #registry: Registry;
  readonly #seconds: Histogram;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#seconds = new Histogram({
      name: NAME,
      help: 'From a request to the end of its answer, by route and status; its count tells how many there were',
      labelNames: ['method', 'route', 'status'],
      buckets: BUCKETS_s,
      registers: [registry],
    });
  }

  /**
   * Counts a request that was answered.
   *
   * @param route as the API’s document has it; addresses that somebody made up share one.
   */
  answered(method: string, route: string, status: number, took_ms: number): void {
    this.#seconds.observe({ method, route, status }, took_ms / 1000);
  }

  /** Takes them out of the registry, so that a service may be started again in this process. */
  remove(): void {
    this.#registry.removeSingleMetric(NAME);
  }
}
