import { DAY_ms, dayOf } from '../day.ts';
import type { KindName } from '../kinds/kinds.ts';
import { periodOf, RESOLUTIONS, ROLLED, type Resolution, type Rolled } from '../rollup/resolution.ts';
import type { Kept, KeptName } from './kept.ts';

/** For how many days each is kept. */
export interface KeptDays {
  /** Each measurement by itself. */
  readonly measurements: number;
  readonly rollups: Readonly<Record<Rolled, number>>;
  /** Verdicts and alerts. */
  readonly events: number;
}

/** What is never given up for room: it is little, and what happened is what people ask for after years. */
const EVENTS: readonly KeptName[] = ['verdict', 'alert'] satisfies readonly KindName[];

function resolutionOf(name: KeptName): Resolution {
  return ROLLED.find((resolution) => name.endsWith(`-${resolution}`)) ?? 'raw';
}

/** The period that a moment is in, as a name’s folders are called. */
function periodOfName(name: KeptName, at_ms: number): string {
  const resolution = resolutionOf(name);
  return resolution === 'raw' ? dayOf(at_ms) : periodOf(resolution, at_ms);
}

/** What is older than it is to be, the oldest first: all of its period was over so many days ago. */
export function expired(kept: readonly Kept[], days: KeptDays, now_ms: number): Kept[] {
  return kept
    .filter(({ name, period }) => period < periodOfName(name, now_ms - daysOf(name, days) * DAY_ms))
    .sort(older);
}

function daysOf(name: KeptName, days: KeptDays): number {
  if (EVENTS.includes(name)) return days.events;
  const resolution = resolutionOf(name);
  return resolution === 'raw' ? days.measurements : days.rollups[resolution];
}

/**
 * What is given up where there is no room, in the order in which it is: the oldest day of measurements of every kind, the
 * next, and once there is none, rollups of 5 minutes, of hours, of days. Never what is of today, and never verdicts and
 * alerts.
 *
 * @returns what goes together.
 */
export function givenUp(kept: readonly Kept[], now_ms: number): Kept[][] {
  return RESOLUTIONS.flatMap((resolution) => {
    const byPeriod = new Map<string, Kept[]>();
    for (const each of [...kept].sort(older)) {
      if (EVENTS.includes(each.name) || resolutionOf(each.name) !== resolution) continue;
      if (each.period >= periodOfName(each.name, now_ms)) continue;
      byPeriod.set(each.period, [...(byPeriod.get(each.period) ?? []), each]);
    }
    return [...byPeriod.values()];
  });
}

/** As many of the first as hold so many bytes together. */
export function enough(groups: readonly (readonly Kept[])[], short_bytes: number): Kept[][] {
  const some: Kept[][] = [];
  let left_bytes = short_bytes;
  for (const group of groups) {
    if (left_bytes <= 0) break;
    some.push([...group]);
    for (const { size_bytes } of group) left_bytes -= size_bytes;
  }
  return some;
}

function older(a: Kept, b: Kept): number {
  if (a.period !== b.period) return a.period < b.period ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
