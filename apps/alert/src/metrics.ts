import type { Alert, VerdictState } from '@guaita/model';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What the alert service counts, at `/metrics`. */
export class AlertMetrics {
  readonly #registry: Registry;
  readonly #devices: Gauge;
  readonly #open: Gauge;
  readonly #said: Counter;
  readonly #turns: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registry = registry;
    this.#devices = new Gauge({
      name: 'guaita_alert_devices',
      help: 'Devices by what all monitors together say of them',
      labelNames: ['state'],
      registers,
    });
    this.#open = new Gauge({ name: 'guaita_alert_open', help: 'Alerts that are open now', registers });
    this.#said = new Counter({
      name: 'guaita_alert_said_total',
      help: 'Alerts and their ends that this instance said',
      labelNames: ['kind', 'resolves'],
      registers,
    });
    this.#turns = new Counter({
      name: 'guaita_alert_turns_total',
      help: 'Times at which something was judged',
      registers,
    });
  }

  turn(): void {
    this.#turns.inc();
  }

  /** A device's state, `undefined` where there is none, is another now. */
  state(before: VerdictState | undefined, after: VerdictState | undefined): void {
    if (before !== undefined) this.#devices.dec({ state: before });
    if (after !== undefined) this.#devices.inc({ state: after });
  }

  open(count: number): void {
    this.#open.set(count);
  }

  said({ kind, resolves }: Alert): void {
    this.#said.inc({ kind, resolves: String(resolves) });
  }

  /** Takes them out of the registry, so that a service may be started again in this process. */
  remove(): void {
    for (const name of [
      'guaita_alert_devices',
      'guaita_alert_open',
      'guaita_alert_said_total',
      'guaita_alert_turns_total',
    ]) {
      this.#registry.removeSingleMetric(name);
    }
  }
}
