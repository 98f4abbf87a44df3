import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Id, PingObservation, Verdict } from '@guaita/model';
import type { Now } from '../now.ts';
import type { VerdictOptions } from './options.ts';

/** What is said of a device has changed; `after` is undefined when the device is gone from the inventory. */
export interface VerdictChange {
  readonly device: Id;
  readonly spec: DeviceSpec | undefined;
  readonly before: Verdict | undefined;
  readonly after: Verdict | undefined;
}

/**
 * What all monitors together say of each device: a state machine. Whoever does not speak feeds and advances it all the
 * same, and what the speaker says too (`said`), so that it can take over at any time.
 */
export class Verdicts {
  readonly #options: VerdictOptions;

  constructor(options: VerdictOptions) {
    this.#options = options;
  }

  /** A device's entry and who watches it; `undefined`: it is gone from the inventory. */
  spec(_device: Id, _spec: DeviceSpec | undefined): void {}

  /** What is known of a monitor; `undefined`: it is forgotten. */
  monitor(_monitor: Id, _view: MonitorView | undefined): void {}

  /** What a monitor saw in its newest probe; `undefined`: it no longer watches the device. */
  observed(_monitor: Id, _device: Id, _observation: PingObservation | undefined): void {}

  /**
   * What the broker keeps as said, by an earlier speaker or another: `since` goes on from it. Best heard before the
   * first `advance`: a device that was never judged here takes its state from it.
   */
  said(_device: Id, _verdict: Verdict | undefined): void {}

  /** Judges what may have changed. The changes: also those of reasons, votes and, every few minutes, figures. */
  advance(_now: Now): VerdictChange[] {
    return [];
  }

  /** When `advance` has something to do, by the monotonic clock. */
  get nextDeadline_ms(): number {
    return this.#options.hold.up_s;
  }
}
