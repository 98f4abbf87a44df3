import type { DiskState } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Now } from '../now.ts';
import { diskFullText, diskLowText } from './texts.ts';
import { KEEP, type Wish } from './wish.ts';

/** The kinds that tell of the disk on which a monitor keeps history, and how that stands then. */
const TOLD_OF = { 'monitor-disk-low': 'low', 'monitor-disk-full': 'full' } as const;
export type DiskKind = keyof typeof TOLD_OF;

/** How monitors' disks stand, and what is to be told of it. Each monitor judges its own. */
export class Disks {
  readonly #said = new Map<Id, DiskState>();

  /** What a monitor says of its disk; `undefined`: nothing any more. */
  hear(monitor: Id, state: DiskState | undefined): void {
    if (state === undefined) this.#said.delete(monitor);
    else this.#said.set(monitor, state);
  }

  /** One event is what began at one time: all brokers name it alike. */
  wish(kind: DiskKind, monitor: Id, { wall_ms }: Now): Wish {
    const said = this.#said.get(monitor);
    // It is silent: whether it is lost is told otherwise.
    if (said === undefined) return KEEP;
    if (said.state !== TOLD_OF[kind]) {
      const text =
        said.state === 'full'
          ? `The disk of monitor ${monitor} is full`
          : `The disk of monitor ${monitor} has room again`;
      return { is: 'end', text };
    }
    const text = (kind === 'monitor-disk-full' ? diskFullText : diskLowText)(monitor, said, wall_ms);
    return { is: 'begin', episode: Math.floor(Date.parse(said.since) / 1000), since: said.since, text };
  }
}
