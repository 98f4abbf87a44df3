import type { Id } from '@guaita/model';
import type { Assignment } from './settled.ts';

/** Claims that are in the second and were not in the first. */
export function moved(before: Assignment, after: Assignment): number {
  let count = 0;
  for (const [device, holders] of after) {
    for (const monitor of holders) if (before.get(device)?.has(monitor) !== true) count++;
  }
  return count;
}

/** How many claims each monitor has. */
export function loadOf(assignment: Assignment, monitor: Id): number {
  let count = 0;
  for (const holders of assignment.values()) if (holders.has(monitor)) count++;
  return count;
}

/**
 * The most claims that one join or leave may move: a tenth more than what the one who comes or goes should have, or
 * truly has. Which devices these are is by lot, so few devices vary about that by their binomial deviation: four of
 * them are granted.
 */
export function mostMoved(fairShare: number, load: number): number {
  return 1.1 * Math.max(fairShare, load) + 4 * Math.sqrt(fairShare);
}
