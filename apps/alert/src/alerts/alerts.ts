import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Alert, Id, Verdict } from '@guaita/model';
import type { AlertEffect } from './effect.ts';
import type { AlertOptions } from './options.ts';

interface Now {
  readonly monotonic_ms: number;
  readonly wall_ms: number;
}

/**
 * Which alerts are open and which should be: a state machine. Whoever does not speak feeds it all the same, `opened` too,
 * and does not call `advance`; so it takes over with nothing lost and nothing said twice.
 */
export class Alerts {
  readonly #options: AlertOptions;
  readonly #open = new Map<string, Alert>();

  constructor(options: AlertOptions) {
    this.#options = options;
  }

  /** What all monitors say of a device has changed. */
  verdict(_change: { readonly device: Id; readonly after: Verdict | undefined }, _now: Now): void {}

  /** A device's entry and who watches it; `undefined`: it is gone from the inventory. */
  spec(_device: Id, _spec: DeviceSpec | undefined, _now: Now): void {}

  /** What is known of a monitor; `undefined`: it is forgotten. */
  monitor(_monitor: Id, _view: MonitorView | undefined, _now: Now): void {}

  /** An alert that the broker keeps as open, or keeps no longer. Not to be fed with what this one has itself said. */
  opened(id: string, alert: Alert | undefined): void {
    if (alert === undefined) this.#open.delete(id);
    else this.#open.set(id, alert);
  }

  /** What is to be said now. To be called by who speaks only, and when all that the broker keeps was heard. */
  advance(_now: Now): AlertEffect[] {
    return [];
  }

  /** When `advance` has something to do, by the monotonic clock. */
  get nextDeadline_ms(): number {
    return this.#options.disputed_after_s * 1000;
  }
}
