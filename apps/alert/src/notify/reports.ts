import type { Id } from '@guaita/model';
import type { MonitorContext } from '@guaita/service';
import type { Outcome } from './effect.ts';
import { NotifyMetrics } from './metrics.ts';
import type { Notification } from './notification.ts';

/** Tells by metrics, health and log how notifications fare. A receiver is named, and never where it is. */
export class NotifyReports {
  readonly #context: Pick<MonitorContext, 'health' | 'log'>;
  readonly #metrics: NotifyMetrics;

  constructor({ health, log, metrics }: Pick<MonitorContext, 'health' | 'log' | 'metrics'>) {
    this.#context = { health, log };
    this.#metrics = new NotifyMetrics(metrics);
  }

  /** @param isFirstFailure it is the first after things went well: only that is worth a line. */
  outcome(receiver: Id, { event }: Notification, outcome: Outcome, isFirstFailure: boolean): void {
    const { health, log } = this.#context;
    if (outcome.is === 'arrived') this.#metrics.sent(receiver, event);
    else this.#metrics.failed(receiver);
    const trouble =
      outcome.is === 'arrived'
        ? ''
        : `notifications do not arrive: ${outcome.why}; see: guaita notify test ${receiver}`;
    // It is no fault of this monitor that a restart would mend, so it stays healthy.
    health.report(`receiver ${receiver}`, true, trouble);
    if (isFirstFailure) log.warn({ receiver }, `${receiver}: ${trouble}`);
  }

  gaveUp(receiver: Id, alert: string, why: string): void {
    this.#metrics.unsent(receiver);
    this.#context.log.error({ receiver, alert }, `${receiver} is not told of an alert: ${why}`);
  }

  waiting(receiver: Id, count: number): void {
    this.#metrics.waiting(receiver, count);
  }

  /** @param why all is not well with this monitor; `undefined`: it is another's to call. */
  noHeartbeat(why?: string): void {
    this.#context.health.report('heartbeat', true, why === undefined ? '' : `not called by this monitor: ${why}`);
  }

  /** @param why it did not arrive; `undefined`: it did. */
  heartbeat(why: string | undefined): void {
    const { health, log } = this.#context;
    const trouble = why === undefined ? '' : `the heartbeat does not arrive: ${why}`;
    this.#metrics.heartbeat(why === undefined ? 'arrived' : 'failed');
    health.report('heartbeat', true, trouble);
    if (why !== undefined) log.warn(trouble);
  }

  /** Lets go of the registry. */
  remove(): void {
    this.#metrics.remove();
  }
}
