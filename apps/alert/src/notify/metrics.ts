import type { NotificationEvent } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What is counted of notifications, at `/metrics`. */
export class NotifyMetrics {
  readonly #registry: Registry;
  readonly #sent: Counter;
  readonly #failed: Counter;
  readonly #unsent: Counter;
  readonly #waiting: Gauge;
  readonly #heartbeats: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registry = registry;
    this.#sent = new Counter({
      name: 'guaita_alert_notifications_sent_total',
      help: 'Notifications that arrived',
      labelNames: ['receiver', 'event'],
      registers,
    });
    this.#failed = new Counter({
      name: 'guaita_alert_notifications_failed_total',
      help: 'Attempts to notify that did not arrive',
      labelNames: ['receiver'],
      registers,
    });
    this.#unsent = new Counter({
      name: 'guaita_alert_notifications_unsent_total',
      help: 'Notifications that were given up',
      labelNames: ['receiver'],
      registers,
    });
    this.#waiting = new Gauge({
      name: 'guaita_alert_notifications_waiting',
      help: 'Notifications that wait to be sent',
      labelNames: ['receiver'],
      registers,
    });
    this.#heartbeats = new Counter({
      name: 'guaita_alert_heartbeats_total',
      help: 'Calls that tell the outside that a monitor is well',
      labelNames: ['result'],
      registers,
    });
  }

  sent(receiver: Id, event: NotificationEvent): void {
    this.#sent.inc({ receiver, event });
  }

  failed(receiver: Id): void {
    this.#failed.inc({ receiver });
  }

  unsent(receiver: Id): void {
    this.#unsent.inc({ receiver });
  }

  waiting(receiver: Id, count: number): void {
    this.#waiting.set({ receiver }, count);
  }

  heartbeat(result: 'arrived' | 'failed'): void {
    this.#heartbeats.inc({ result });
  }

  /** Takes them out of the registry, so that a service may be started again in this process. */
  remove(): void {
    for (const name of [
      'guaita_alert_notifications_sent_total',
      'guaita_alert_notifications_failed_total',
      'guaita_alert_notifications_unsent_total',
      'guaita_alert_notifications_waiting',
      'guaita_alert_heartbeats_total',
    ]) {
      this.#registry.removeSingleMetric(name);
    }
  }
}
