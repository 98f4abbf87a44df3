import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Outcome } from './confirmation.ts';

/** What the ping service counts, at `/metrics`. */
export class PingMetrics {
  readonly probes: Counter;
  readonly answered: Counter;
  readonly silent: Counter;
  readonly unknown: Counter;
  readonly batch_s: Histogram;
  readonly lag_s: Gauge;
  readonly due: Gauge;
  readonly devices: Gauge;
  readonly overlapping: Counter;
  readonly #registry: Registry;

  constructor(registry: Registry, busy: () => number) {
    this.#registry = registry;
    const registers = [registry];
    const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
    const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
    this.probes = counter('guaita_ping_probes_total', 'Probes of devices that ended');
    this.answered = counter('guaita_ping_answered_total', 'Probes that were answered');
    this.silent = counter('guaita_ping_silent_total', 'Probes that went unanswered');
    this.unknown = counter(
      'guaita_ping_unknown_total',
      'Probes of which nothing can be said: refused, or the engine failed',
    );
    this.overlapping = counter(
      'guaita_ping_overlapping_total',
      'Probes left out because the device’s last one had not ended',
    );
    this.batch_s = new Histogram({
      name: 'guaita_ping_batch_seconds',
      help: 'From a second’s batch to its last result',
      buckets: [0.25, 0.5, 1, 2, 3, 5, 10, 30, 60],
      registers,
    });
    this.lag_s = gauge('guaita_ping_lag_seconds', 'How late the newest batch was');
    this.due = gauge('guaita_ping_due', 'Devices due in the newest batch');
    this.devices = gauge('guaita_ping_devices', 'Devices being pinged');
    new Gauge({
      name: 'guaita_ping_processes',
      help: 'fping or ping processes running',
      registers,
      collect() {
        this.set(busy());
      },
    });
  }

  /** Counts a probe that ended. */
  count({ kind }: Outcome): void {
    this.probes.inc();
    if (kind === 'answered') this.answered.inc();
    else if (kind === 'silent') this.silent.inc();
    else this.unknown.inc();
  }

  /** Takes them out of the registry, so that a service may be started again in this process. */
  remove(): void {
    for (const name of [
      'guaita_ping_probes_total',
      'guaita_ping_answered_total',
      'guaita_ping_silent_total',
      'guaita_ping_unknown_total',
      'guaita_ping_overlapping_total',
      'guaita_ping_batch_seconds',
      'guaita_ping_lag_seconds',
      'guaita_ping_due',
      'guaita_ping_devices',
      'guaita_ping_processes',
    ]) {
      this.#registry.removeSingleMetric(name);
    }
  }
}
