import type { DeviceSpec } from '@guaita/messages';
import type { Id, Verdict } from '@guaita/model';
import type { Now } from '../now.ts';
import { type DeviceFacts, disputedWish, downWish, flappingWish } from './device-rules.ts';
import type { DeviceKind } from './kinds.ts';
import type { Monitors } from './monitors.ts';
import type { AlertOptions } from './options.ts';
import { Shortage, type Watch } from './shortage.ts';
import { KEEP, type Wish } from './wish.ts';

interface Known {
  spec: DeviceSpec;
  verdict: Verdict | undefined;
  disputedDue_ms: number;
  readonly shortage: Shortage;
}

/** What is known of the devices, and what is to be told of them. */
export class Devices {
  readonly #options: AlertOptions;
  readonly #monitors: Monitors;
  readonly #known = new Map<Id, Known>();

  constructor(options: AlertOptions, monitors: Monitors) {
    this.#options = options;
    this.#monitors = monitors;
  }

  verdict(device: Id, verdict: Verdict | undefined, now: Now): void {
    const known = this.#known.get(device);
    if (known === undefined) return;
    const before = known.verdict;
    if (verdict?.state === 'disputed' && (before?.state !== 'disputed' || before.since !== verdict.since)) {
      // A dispute that began before this one was started is as old as it says.
      const { disputed_after_s } = this.#options.patience(known.spec.tags);
      const age_ms = Math.max(0, now.wall_ms - Date.parse(verdict.since));
      known.disputedDue_ms = now.monotonic_ms + Math.max(0, disputed_after_s * 1000 - age_ms);
    }
    known.verdict = verdict;
  }

  spec(device: Id, spec: DeviceSpec | undefined, now: Now): void {
    if (spec === undefined) {
      this.#known.delete(device);
      return;
    }
    const known = this.#known.get(device);
    if (known === undefined)
      this.#known.set(device, { spec, verdict: undefined, disputedDue_ms: 0, shortage: new Shortage() });
    else known.spec = spec;
    this.watched(device, now);
  }

  /** How many monitors a device has, or should have, may have changed. */
  watched(device: Id, now: Now): void {
    const known = this.#known.get(device);
    known?.shortage.note(this.#watch(known.spec), now);
  }

  ids(): IterableIterator<Id> {
    return this.#known.keys();
  }

  /** What an alert shows of a device beside its text. */
  get(device: Id): Pick<Known, 'spec' | 'verdict'> | undefined {
    return this.#known.get(device);
  }

  /** @param isDown a down alert on it is open */
  wish(kind: DeviceKind, device: Id, isDown: boolean, now: Now): Wish {
    const known = this.#known.get(device);
    if (known === undefined) return KEEP;
    const { spec, verdict, disputedDue_ms, shortage } = known;
    if (kind === 'under-watched') {
      const { under_watched_after_s } = this.#options.patience(spec.tags);
      return shortage.wish(spec, this.#watch(spec), under_watched_after_s * 1000, now);
    }
    if (verdict === undefined) return KEEP;
    const facts: DeviceFacts = { name: spec.name, verdict, disputedDue_ms, isDown };
    switch (kind) {
      case 'down':
        return downWish(facts, now.wall_ms);
      case 'disputed':
        return disputedWish(facts, now.monotonic_ms, now.wall_ms);
      case 'flapping':
        return flappingWish(facts, now.wall_ms);
    }
  }

  #watch({ monitors, placement }: DeviceSpec): Watch {
    return {
      held: monitors.length,
      wanted: this.#monitors.wanted(placement),
      explained: this.#monitors.inTrouble,
    };
  }
}
