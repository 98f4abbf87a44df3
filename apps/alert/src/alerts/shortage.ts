import type { DeviceSpec } from '@guaita/messages';
import type { Now } from '../now.ts';
import { underWatchedText, watchedText } from './texts.ts';
import { KEEP, type Wish } from './wish.ts';

/** How many monitors hold a device, and how many should. */
export interface Watch {
  readonly held: number;
  /** `undefined`: nobody can tell. */
  readonly wanted: number | undefined;
  /** Why devices have fewer monitors is told already. */
  readonly explained: boolean;
}

/** Since when a device has too few monitors, and nothing tells why. */
export class Shortage {
  #from: Now | undefined;

  /** Looks at how the device is watched now. */
  note({ held, wanted, explained }: Watch, now: Now): void {
    if (wanted === undefined || held >= wanted || explained) this.#from = undefined;
    else this.#from ??= now;
  }

  /**
   * Nothing counts shortages for all monitors alike: all of one device are one event that begins again.
   *
   * @param after_ms how long a handover may take
   */
  wish({ name }: DeviceSpec, { held, wanted }: Watch, after_ms: number, { monotonic_ms, wall_ms }: Now): Wish {
    if (wanted === undefined) return KEEP;
    if (held >= wanted) return { is: 'end', text: watchedText(name, held) };
    if (this.#from === undefined) return KEEP;
    const due_ms = this.#from.monotonic_ms + after_ms;
    if (monotonic_ms < due_ms) return { is: 'keep', due_ms };
    const since = new Date(this.#from.wall_ms).toISOString();
    return { is: 'begin', episode: 0, since, text: underWatchedText(name, held, wanted, since, wall_ms) };
  }
}
