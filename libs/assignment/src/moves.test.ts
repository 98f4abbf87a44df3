import type { Id } from '@guaita/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { Planner } from './planner.ts';
import type { PlanMonitor } from './types.ts';

const DEVICES = 35_000;
const MONITORS = 60;
const PLACES = 3;
const fairShare = (DEVICES * PLACES) / MONITORS;
const devices = Array.from({ length: DEVICES }, (_, index) => ({ device: `device-${index}` }));
type Lists = ReadonlyMap<Id, readonly Id[]>;

function moved(before: Lists, after: Lists): number {
  let moves = 0;
  for (const [device, list] of after) moves += list.filter((monitor) => !before.get(device)!.includes(monitor)).length;
  return moves;
}

describe.each([1, 3, 20])(
  '35,000 devices on 60 monitors of %i sites, with a fifth of their capacity to spare',
  (sites) => {
    const monitors = Array.from({ length: MONITORS }, (_, index): PlanMonitor => ({
      monitor: `host-${index}`,
      site: `site-${index % sites}`,
      tags: [],
      capacity: fairShare * 1.2,
    }));
    const planner = new Planner();
    const lists = (): Lists => new Map(devices.map(({ device }) => [device, planner.monitorsOf(device)]));
    let all: Lists;

    beforeAll(() => {
      planner.update({
        devices,
        monitors,
        policy: { monitors_per_device: PLACES, snmp_per_device: 1, mode: 'spread' },
      });
      all = lists();
    });

    it('are spread so that none has more than 5 % over the mean', () => {
      const loads = new Map<Id, number>();
      for (const monitor of [...all.values()].flat()) loads.set(monitor, (loads.get(monitor) ?? 0) + 1);
      expect(Math.max(...loads.values()) / fairShare).toBeLessThanOrEqual(1.05);
      expect(loads.size).toBe(MONITORS);
    });

    it('move by hardly more than a fair share when one leaves or joins, and are back where they were', () => {
      for (const index of [0, 17, 59]) {
        planner.update({ monitors: monitors.toSpliced(index, 1) });
        const without = lists();
        expect(moved(all, without) / fairShare).toBeLessThanOrEqual(1.1);
        planner.update({ monitors });
        const back = lists();
        expect(moved(without, back) / fairShare).toBeLessThanOrEqual(1.1);
        expect(moved(all, back)).toBe(0);
      }
    });
  },
);
