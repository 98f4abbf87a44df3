import { printable } from '../printable.ts';
import { someNames } from '../some-names.ts';
import { table } from '../table.ts';
import type { Judgement, UnderWatched } from './judge.ts';

/** Lines for people. */
export function renderStatus(judgement: Judgement, broker: string): string[] {
  const { monitors, gone, devices, under_watched, troubles, remarks, policy, stale } = judgement;
  const rows = [
    ['monitor', 'state', 'site', 'held', 'leaving', 'capacity', 'heard over'],
    ...monitors.map((view) => [
      view.monitor,
      stateOf(view),
      view.site,
      `${view.held ?? view.devices}`,
      `${view.leaving ?? 0}`,
      `${view.capacity ?? '-'}`,
      view.links?.join(', ') ?? '',
    ]),
    ...gone.map((monitor) => [monitor, 'gone', '-', '0', '0', '-', '']),
  ];
  const share = policy === undefined ? '' : ` (${policy.monitors_per_device} monitors each, ${policy.mode})`;
  const well = devices - under_watched.length;
  return [
    ...table(rows),
    '',
    `${devices} ${devices === 1 ? 'device' : 'devices'}${share}: ${well} watched as they should be, ${under_watched.length} under-watched`,
    ...byReason(under_watched),
    ...troubles.map((trouble) => `trouble: ${printable(trouble)}`),
    ...remarks.map((remark) => `note: ${printable(remark)}`),
    ...(stale ? [`nobody speaks on ${broker} now: what it keeps may be old; start a monitor there`] : []),
  ];
}

function stateOf({ alive, isolated, probing, draining }: Judgement['monitors'][number]): string {
  if (!alive) return 'dead';
  if (isolated) return 'isolated';
  if (!probing) return 'not probing';
  return draining === true ? 'drained' : 'alive';
}

function byReason(under_watched: readonly UnderWatched[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { device, held, wanted, why } of under_watched) {
    const reason = `${held} of ${wanted}, ${why}`;
    groups.set(reason, [...(groups.get(reason) ?? []), device]);
  }
  return [...groups].map(([reason, devices]) => `  ${reason}: ${someNames(devices)}`);
}
