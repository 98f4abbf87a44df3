import type { VerdictState } from '@guaita/model';
import type { HoldOptions } from './options.ts';

/** What a device that comes to be down has to wait for, in seconds. */
export interface Waits {
  /** Until those of its parents that have gone are known to have gone. */
  readonly parents_s: number;
  /** Until its monitors have looked at it again. */
  readonly again_s: number;
}

/**
 * How many seconds a state must last before it is said.
 *
 * Where nothing was known there is nothing to hold on to. What is amiss when maintenance is over was so for long enough.
 * A device whose parent is back is not down because its monitors have not looked at it since. What is down by its own or
 * by its parents' fault changes its name at once.
 */
export function mustLast_s(before: VerdictState, next: VerdictState, hold: HoldOptions, waits: Waits): number {
  const blank = before === 'unknown';
  switch (next) {
    case 'down':
      if (before === 'unreachable') return Math.max(hold.down_s, waits.again_s);
      return Math.max(blank || before === 'maintenance' ? 0 : hold.down_s, waits.parents_s);
    case 'unreachable':
      return blank || before === 'down' || before === 'maintenance' ? 0 : hold.down_s;
    case 'up':
      return blank ? 0 : hold.up_s;
    case 'disputed':
      return blank || before === 'maintenance' ? 0 : hold.disputed_s;
    case 'unknown':
      return blank ? 0 : hold.unknown_s;
    case 'maintenance':
      return 0;
  }
}
