import { setTimeout as pause } from 'node:timers/promises';
import type { Site } from '@guaita/site-lab';

/** What was seen while all monitors were restarted one by one. */
export interface Rolling {
  /** How long it took of each until all was again as it should be. */
  readonly restarts_s: readonly number[];
  readonly looks: number;
  /** Looks at which a device had no live claim. */
  readonly badLooks: number;
  /** Devices without a live claim at any of these. */
  readonly unclaimed: number;
}

/** A host that boots is away for a while: long enough that it is taken for dead. */
const AWAY_ms = 5_000;
const PATIENCE_ms = 120_000;

/** Shuts each host down and brings it back, one after the other, and looks on from outside. */
export async function measureRolling(site: Site, progress: (line: string) => void): Promise<Rolling> {
  const looksBefore = site.observer.looks.length;
  const restarts_s: number[] = [];
  for (const monitor of site.up) {
    const from_ms = performance.now();
    await site.shutDown(monitor);
    await pause(AWAY_ms);
    await site.bringBack(monitor);
    await site.settled(PATIENCE_ms);
    restarts_s.push((performance.now() - from_ms) / 1000);
    progress(`${monitor} was restarted, and all settled after ${restarts_s.at(-1)?.toFixed(1)} s`);
  }
  const looks = site.observer.looks.slice(looksBefore);
  return {
    restarts_s,
    looks: looks.length,
    badLooks: looks.filter(({ unclaimed }) => unclaimed.length > 0).length,
    unclaimed: new Set(looks.flatMap(({ unclaimed }) => unclaimed)).size,
  };
}
