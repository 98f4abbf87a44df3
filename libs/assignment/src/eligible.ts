import type { Placement } from '@guaita/model';
import type { PlanMonitor } from './types.ts';

/** Whether the monitor may watch a device of that placement. */
export function isEligible(
  { site, tags }: Pick<PlanMonitor, 'site' | 'tags'>,
  placement: Placement | undefined,
): boolean {
  if (placement === undefined) return true;
  const { only_sites, only_tags, not_sites, not_tags } = placement;
  if (only_sites !== undefined && !only_sites.includes(site)) return false;
  if (only_tags !== undefined && !only_tags.some((tag) => tags.includes(tag))) return false;
  if (not_sites?.includes(site) === true) return false;
  return not_tags?.some((tag) => tags.includes(tag)) !== true;
}

/** One text for all placements that ask for the same. */
export function placementKey(placement: Placement | undefined): string {
  if (placement === undefined) return '';
  const lists = [placement.only_sites, placement.only_tags, placement.not_sites, placement.not_tags];
  if (lists.every((list) => list === undefined)) return '';
  return lists.map((list) => (list === undefined ? '' : [...new Set(list)].sort().join(' '))).join('|');
}
