import { ALL_KEPT } from '@guaita/bus';
import type { Change } from '@guaita/cluster';
import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { MonitorContext, Timer } from '@guaita/service';

const LOOK_EVERY_ms = 60_000;

/**
 * An alert that is over here may be open at another broker for a while: monitors learn things in different order, and
 * parts of a network may be cut off. Nobody is disturbed by an acknowledgement that stays for longer.
 */
const OVER_FOR_ms = 3_600_000;

export interface OpenAlertsOptions {
  readonly context: MonitorContext;
  readonly isAcknowledged: (alert: Id) => boolean;
  readonly intend: (change: Change) => void;
}

/**
 * Knows which alerts the broker keeps as open, and withdraws acknowledgements whose alerts were open here and have long
 * not been. What it misses, while nobody speaks here, goes when it is as old as no alert should be.
 */
export class OpenAlerts {
  readonly #options: OpenAlertsOptions;
  readonly #open = new Set<Id>();
  /** When each was last open, by the monotonic clock. */
  readonly #seen_ms = new Map<Id, number>();
  readonly #releases: (() => Promise<void> | void)[] = [];
  #timer: Timer | undefined;

  constructor(options: OpenAlertsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { wire, clock } = this.#options.context;
    this.#releases.push(
      wire.bus.onConnection((connected) => {
        // All that is kept is heard again on the next connection.
        if (!connected) this.#open.clear();
      }),
    );
    this.#releases.push(
      await wire.hear(
        channels.openAlert,
        {},
        ({ parameters: { alert }, value }) => {
          this.#seen_ms.set(alert, clock.monotonic_ms());
          if (value === undefined) this.#open.delete(alert);
          else this.#open.add(alert);
        },
        ALL_KEPT,
      ),
    );
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    for (const release of this.#releases.splice(0)) await release();
  }

  isOpen(alert: Id): boolean {
    return this.#open.has(alert);
  }

  #lookLater(): void {
    this.#timer = this.#options.context.clock.after(LOOK_EVERY_ms, () => {
      this.#look();
      this.#lookLater();
    });
  }

  #look(): void {
    const { context, isAcknowledged, intend } = this.#options;
    const { clock, turn, wire } = context;
    if (!wire.bus.connected || !turn.speaks) return;
    const now_ms = clock.monotonic_ms();
    for (const alert of this.#open) this.#seen_ms.set(alert, now_ms);
    for (const [alert, seen_ms] of this.#seen_ms) {
      if (now_ms < seen_ms + OVER_FOR_ms) continue;
      this.#seen_ms.delete(alert);
      if (isAcknowledged(alert)) intend({ kind: 'acknowledgement', subject: alert, wanted: false });
    }
  }
}
