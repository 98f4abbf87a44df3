import type { Room } from '../disk/room.ts';

/** How much of a disk is to stay free. */
export interface Floor {
  readonly percent: number;
  readonly least_bytes: number;
  readonly most_bytes: number;
}

/** Of a disk so small that what is to stay free at least would be most of it. */
const SMALL_SHARE = 0.2;

/** How much of this disk is to stay free: a share of it, within bounds. */
export function floorOf({ percent, least_bytes, most_bytes }: Floor, { total_bytes }: Room): number {
  const least = Math.min(least_bytes, total_bytes * SMALL_SHARE);
  return Math.min(most_bytes, Math.max((total_bytes * percent) / 100, least));
}

/** People are told while as much again is free as is to stay so: a week or more, where history is what grows. */
const TOLD_AT = 2;

/** Once told, it is over only when somewhat more is free, so that it is not told over and over. */
const OVER_AT = 2.2;

/** How a disk stands: `low` is told before anything has to be given up, `full` is when it has. */
export type Standing = 'ok' | 'low' | 'full';

/** @param before how it stood when it was last looked at. */
export function standing(room: Room, floor: Floor, before: Standing): Standing {
  const floor_bytes = floorOf(floor, room);
  if (room.free_bytes < floor_bytes) return 'full';
  return room.free_bytes < floor_bytes * (before === 'ok' ? TOLD_AT : OVER_AT) ? 'low' : 'ok';
}
