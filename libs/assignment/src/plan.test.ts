import type { Id, Placement, Policy } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DeviceTable } from './device-table.ts';
import { isEligible, placementKey } from './eligible.ts';
import { createGroup, type Group } from './group.ts';
import { plan, Planner } from './planner.ts';
import { Roster } from './roster.ts';
import { softCaps } from './soft-caps.ts';
import type { PlanDevice, PlanMonitor } from './types.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const SITES = ['attic', 'barn', 'cellar'];
const TAGS = ['fast', 'wired'];
const places = (monitors_per_device: number, mode: Policy['mode'] = 'spread'): Policy => ({
  monitors_per_device,
  snmp_per_device: 1,
  mode,
});

const capacity = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(100));
const monitorOf = (monitor: Id): fc.Arbitrary<PlanMonitor> =>
  fc.record({
    monitor: fc.constant(monitor),
    site: fc.constantFrom(...SITES),
    tags: fc.subarray(TAGS),
    capacity,
  });
const someMonitors = fc
  .subarray(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'])
  .chain((names) => fc.tuple(...names.map(monitorOf)));
const placement: fc.Arbitrary<Placement | undefined> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  fc.record(
    {
      only_sites: fc.subarray(SITES, { minLength: 1 }),
      only_tags: fc.subarray(TAGS, { minLength: 1 }),
      not_sites: fc.subarray(SITES, { minLength: 1 }),
      not_tags: fc.subarray(TAGS, { minLength: 1 }),
    },
    { requiredKeys: [] },
  ),
);
const deviceOf = (device: Id): fc.Arbitrary<PlanDevice> => fc.record({ device: fc.constant(device), placement });
const names = Array.from({ length: 12 }, (_, index) => `d${index}`);
const someDevices = fc.subarray(names).chain((chosen) => fc.tuple(...chosen.map(deviceOf)));
const policy: fc.Arbitrary<Policy> = fc.record({
  monitors_per_device: fc.integer({ min: 1, max: 4 }),
  snmp_per_device: fc.constant(1),
  mode: fc.constantFrom('spread', 'pack'),
});
const many = { numRuns: 1000 };

/** The most places that can be filled with at most `rounds` monitors a device, by looking for one path after another. */
function mostPlaces(devices: readonly PlanDevice[], monitors: readonly PlanMonitor[], rounds: number): number {
  const holders = new Map<Id, Set<PlanDevice>>(monitors.map(({ monitor }) => [monitor, new Set()]));
  const serve = (device: PlanDevice, tried: Set<Id>): boolean =>
    monitors.some((monitor) => {
      const held = holders.get(monitor.monitor)!;
      if (monitor.capacity === 0 || held.has(device) || tried.has(monitor.monitor)) return false;
      if (!isEligible(monitor, device.placement)) return false;
      tried.add(monitor.monitor);
      if (held.size >= monitor.capacity) {
        const gaveWay = [...held].find((other) => serve(other, tried));
        if (gaveWay === undefined) return false;
        held.delete(gaveWay);
      }
      held.add(device);
      return true;
    });
  let filled = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const device of devices) if (serve(device, new Set())) filled += 1;
  }
  return filled;
}

function loads(result: ReadonlyMap<Id, readonly Id[]>): Map<Id, number> {
  const load = new Map<Id, number>();
  for (const monitor of [...result.values()].flat()) load.set(monitor, (load.get(monitor) ?? 0) + 1);
  return load;
}

function sorted(result: ReadonlyMap<Id, readonly Id[]>): [Id, readonly Id[]][] {
  return [...result].sort(([one], [other]) => (one < other ? -1 : 1));
}

describe('plan', () => {
  it('gives no device to a monitor twice, to a barred one, or above its capacity', () => {
    fc.assert(
      fc.property(someDevices, someMonitors, policy, (devices, monitors, rules) => {
        const result = plan(devices, monitors, rules);
        const byId = new Map(monitors.map((monitor) => [monitor.monitor, monitor]));
        expect([...result.keys()].sort()).toEqual(devices.map(({ device }) => device).sort());
        for (const { device, placement: wish } of devices) {
          const list = result.get(device)!;
          expect(list.length).toBeLessThanOrEqual(rules.monitors_per_device);
          expect(new Set(list).size).toBe(list.length);
          for (const monitor of list) expect(isEligible(byId.get(monitor)!, wish)).toBe(true);
        }
        for (const [monitor, load] of loads(result)) expect(load).toBeLessThanOrEqual(byId.get(monitor)!.capacity);
      }),
      many,
    );
  });

  it('fills as many first places as can be, then as many second ones, and so on', () => {
    fc.assert(
      fc.property(someDevices, someMonitors, policy, (devices, monitors, rules) => {
        const lists = [...plan(devices, monitors, rules).values()];
        for (let rounds = 1; rounds <= rules.monitors_per_device; rounds += 1) {
          const filled = lists.reduce((total, list) => total + Math.min(rounds, list.length), 0);
          expect(filled).toBe(mostPlaces(devices, monitors, rounds));
        }
      }),
      many,
    );
  });

  it('does not depend on the order of devices, monitors, tags and wishes', () => {
    fc.assert(
      fc.property(someDevices, someMonitors, policy, (devices, monitors, rules) => {
        const turned = devices.toReversed().map(({ device, placement: wish }) => ({
          device,
          placement: wish && Object.fromEntries(Object.entries(wish).map(([key, list]) => [key, list?.toReversed()])),
        }));
        const again = monitors.toReversed().map((monitor) => ({ ...monitor, tags: monitor.tags.toReversed() }));
        expect(sorted(plan(new Set(turned), again, rules))).toEqual(sorted(plan(devices, monitors, rules)));
      }),
    );
  });

  it('is what trying all pairs in the order of their scores gives, where nothing has to give way', () => {
    fc.assert(
      fc.property(someDevices, someMonitors, fc.integer({ min: 1, max: 4 }), (devices, monitors, k) => {
        const expected = byAllPairs(devices, monitors, k);
        fc.pre(expected !== undefined);
        expect(sorted(plan(devices, monitors, places(k)))).toEqual(sorted(expected));
      }),
      many,
    );
  });

  it('takes different sites while there are any with room', () => {
    fc.assert(
      fc.property(someDevices, someMonitors, policy, (devices, monitors, rules) => {
        const result = plan(devices, monitors, { ...rules, mode: 'spread' });
        const load = loads(result);
        const byId = new Map(monitors.map((monitor) => [monitor.monitor, monitor]));
        for (const { device, placement: wish } of devices) {
          const sites = result.get(device)!.map((monitor) => byId.get(monitor)!.site);
          if (new Set(sites).size === sites.length) continue;
          for (const monitor of monitors) {
            if (sites.includes(monitor.site) || !isEligible(monitor, wish)) continue;
            expect(load.get(monitor.monitor) ?? 0).toBe(monitor.capacity);
          }
        }
      }),
      many,
    );
  });

  it('takes a device that made room for another to a new site', () => {
    const monitors = [
      { monitor: 'm1', site: 'attic', tags: [], capacity: 2 },
      { monitor: 'm4', site: 'cellar', tags: [], capacity: 2 },
      { monitor: 'm5', site: 'attic', tags: [], capacity: 6 },
      { monitor: 'm6', site: 'barn', tags: [], capacity: 1 },
      { monitor: 'm7', site: 'barn', tags: [], capacity: 100 },
    ];
    // d9 has to have both of the attic, where d4 makes room for it.
    const devices = [0, 1, 2, 4, 6, 8, 9, 10, 11].map((n) => ({
      device: `d${n}`,
      placement: n === 9 ? { only_sites: ['attic'] } : undefined,
    }));
    const result = plan(devices, monitors, places(2));
    expect(result.get('d9')).toEqual(['m5', 'm1']);
    expect(result.get('d4')).toEqual(['m7', 'm4']);
  });

  it('keeps devices apart where the best scores alone would not', () => {
    const monitors = [
      { monitor: 'a1', site: 'attic', tags: [], capacity: 20 },
      { monitor: 'a2', site: 'attic', tags: [], capacity: 20 },
      { monitor: 'b', site: 'barn', tags: [], capacity: 10 },
      { monitor: 'c', site: 'cellar', tags: [], capacity: 10 },
    ];
    const devices = Array.from({ length: 20 }, (_, index) => ({ device: `d${index}` }));
    // Every device has to have the attic: the barn and the cellar together can take each only once.
    for (const list of plan(devices, monitors, places(2)).values()) {
      expect(list.filter((monitor) => monitor.startsWith('a'))).toHaveLength(1);
    }
  });

  it('plans nothing where no monitor may or can, and at most nine monitors a device', () => {
    const attic = { monitor: 'm', site: 'attic', tags: [], capacity: 5 };
    expect(plan([{ device: 'd', placement: { not_sites: ['attic'] } }], [attic], places(3)).get('d')).toEqual([]);
    expect(plan([{ device: 'd' }], [{ ...attic, capacity: 0 }], places(3)).get('d')).toEqual([]);
    expect(plan([{ device: 'd' }], [], places(3)).get('d')).toEqual([]);
    const crowd = Array.from({ length: 12 }, (_, index) => ({ ...attic, monitor: `m${index}` }));
    expect(plan([{ device: 'd' }], crowd, places(12)).get('d')).toHaveLength(9);
  });

  it('is the plan that it was when this was written, so that hosts of different versions agree', () => {
    const monitors = Array.from({ length: 6 }, (_, index) => ({
      monitor: `host-${index}`,
      site: SITES[index % 3]!,
      tags: [],
      capacity: index < 3 ? 10 : 25,
    }));
    const devices = ['router', 'switch-1', 'switch-2', 'ap.kitchen', 'pi_4', 'nas'].map((device) => ({ device }));
    expect(Object.fromEntries(plan(devices, monitors, places(3)))).toMatchInlineSnapshot(`
      {
        "ap.kitchen": [
          "host-3",
          "host-5",
          "host-4",
        ],
        "nas": [
          "host-1",
          "host-3",
          "host-5",
        ],
        "pi_4": [
          "host-4",
          "host-0",
          "host-2",
        ],
        "router": [
          "host-4",
          "host-3",
          "host-5",
        ],
        "switch-1": [
          "host-3",
          "host-1",
          "host-5",
        ],
        "switch-2": [
          "host-5",
          "host-4",
          "host-3",
        ],
      }
    `);
  });
});

/** The rounds of `plan` by sorting all pairs; `undefined` where a place stays open, since it does not swap. */
function byAllPairs(
  devices: readonly PlanDevice[],
  monitors: readonly PlanMonitor[],
  k: number,
): Map<Id, Id[]> | undefined {
  const roster = new Roster();
  roster.change(monitors.filter((monitor) => monitor.capacity > 0));
  const groups = new Map<string, Group>();
  for (const { placement: wish } of devices) {
    if (!groups.has(placementKey(wish))) groups.set(placementKey(wish), createGroup(wish, roster, k));
  }
  const inOrder = [...groups.keys()].sort().map((key) => groups.get(key)!);
  const table = new DeviceTable(roster, inOrder, k);
  for (const { device, placement: wish } of devices)
    table.set(device, inOrder.indexOf(groups.get(placementKey(wish))!));
  const pairs = devices
    .flatMap(({ device, placement: wish }) =>
      roster.active
        .filter((monitor) => isEligible(roster.records[monitor]!, wish))
        .map((monitor) => ({ device, monitor, key: table.key(table.rowOf(device)!, monitor) })),
    )
    .sort((one, other) => one.key - other.key);
  const lists = new Map<Id, number[]>(devices.map(({ device }) => [device, []]));
  const load = roster.active.reduce((map, monitor) => map.set(monitor, 0), new Map<number, number>());
  for (let round = 0; round < k; round += 1) {
    const before = new Map([...lists].map(([device, list]) => [device, [...list]]));
    const soft = softCaps(roster, inOrder, round);
    for (const anySite of [false, true]) {
      for (const caps of [soft, roster.capacities]) {
        for (const { device, monitor } of pairs) {
          const has = before.get(device)!;
          if (lists.get(device)!.length > round || has.length < round || has.includes(monitor)) continue;
          if (load.get(monitor)! >= caps[monitor]!) continue;
          if (!anySite && has.some((other) => roster.sites[other] === roster.sites[monitor])) continue;
          lists.get(device)!.push(monitor);
          load.set(monitor, load.get(monitor)! + 1);
        }
      }
      const open = devices.filter(({ device }) => lists.get(device)!.length === round);
      const gaveUp = open.some(({ device, placement: wish }) => {
        const sites = new Set(lists.get(device)!.map((monitor) => roster.sites[monitor]));
        return anySite || sites.size < groups.get(placementKey(wish))!.sites;
      });
      if (gaveUp) return undefined;
    }
  }
  return new Map([...lists].map(([device, list]) => [device, list.map((monitor) => roster.records[monitor]!.monitor)]));
}

describe('packing', () => {
  it('uses as few monitors as can bear all, and the largest of them', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3 }), (capacities, count, k) => {
        const monitors = capacities.map((size, index) => ({
          monitor: `m${index}`,
          site: 'attic',
          tags: [],
          capacity: size,
        }));
        const devices = names.slice(0, count).map((device) => ({ device }));
        const result = plan(devices, monitors, places(k, 'pack'));
        const all = mostPlaces(devices, monitors, k);
        expect([...loads(result).values()].reduce((total, load) => total + load, 0)).toBe(all);
        const largestFirst = monitors.toSorted((one, other) => other.capacity - one.capacity);
        const fewest = largestFirst.findIndex(
          (_, index) => mostPlaces(devices, largestFirst.slice(0, index + 1), k) === all,
        );
        expect([...loads(result).keys()].sort()).toEqual(
          largestFirst
            .slice(0, fewest + 1)
            .map(({ monitor }) => monitor)
            .sort(),
        );
      }),
    );
  });

  it('keeps as many sites busy as a device can have', () => {
    const monitors = ['a1', 'a2', 'a3', 'b1'].map((monitor) => ({
      monitor,
      site: monitor.startsWith('a') ? 'attic' : 'barn',
      tags: [],
      capacity: monitor === 'b1' ? 5 : 10,
    }));
    const devices = names.slice(0, 4).map((device) => ({ device }));
    const result = plan(devices, monitors, places(2, 'pack'));
    expect([...loads(result)].sort()).toEqual([
      ['a1', 4],
      ['b1', 4],
    ]);
  });

  it('keeps busy those that alone may watch a device', () => {
    const monitors = ['m1', 'm2', 'm3'].map((monitor) => ({ monitor, site: 'attic', tags: [monitor], capacity: 10 }));
    const devices = [{ device: 'd1' }, { device: 'd2', placement: { only_tags: ['m3'] } }];
    expect([...loads(plan(devices, monitors, places(1, 'pack'))).keys()]).toEqual(['m3']);
  });
});

describe('a planner', () => {
  const change = fc.record(
    {
      devices: someDevices,
      gone: fc.subarray(names),
      monitors: someMonitors,
      policy,
    },
    { requiredKeys: [] },
  );

  it('has after any changes the plan that is made at once, and tells which devices changed', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const planner = new Planner();
        const devices = new Map<Id, PlanDevice>();
        let monitors: readonly PlanMonitor[] = [];
        let rules = places(3);
        planner.update({ policy: rules });
        for (const next of changes) {
          const before = new Map(names.map((device) => [device, planner.monitorsOf(device)]));
          const changed = planner.update(next);
          for (const device of next.gone ?? []) devices.delete(device);
          for (const device of next.devices ?? []) devices.set(device.device, device);
          monitors = next.monitors ?? monitors;
          rules = next.policy ?? rules;
          const expected = plan(devices.values(), monitors, rules);
          const now = new Map(names.map((device) => [device, planner.monitorsOf(device)]));
          expect([...now]).toEqual(names.map((device) => [device, expected.get(device) ?? []]));
          expect([...changed].sort()).toEqual(
            names.filter((device) => now.get(device)!.join() !== before.get(device)!.join()).sort(),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps to that with more monitors than it keeps in mind for a device, as they come, go and change one by one', () => {
    const crowd = Array.from({ length: 24 }, (_, index) => ({
      monitor: `m${index}`,
      site: SITES[index % 3]!,
      tags: index % 4 === 0 ? ['fast'] : [],
      capacity: 3 + (index % 5),
    }));
    const herd: PlanDevice[] = Array.from({ length: 30 }, (_, index) => ({
      device: `d${index}`,
      placement: index % 5 === 0 ? { not_tags: ['fast'] } : undefined,
    }));
    const step = fc.record({
      at: fc.nat(23),
      capacity: fc.integer({ min: 0, max: 8 }),
      site: fc.constantFrom(...SITES),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), (steps, k) => {
        const planner = new Planner();
        planner.update({ devices: herd, monitors: crowd, policy: places(k) });
        const monitors = [...crowd];
        for (const { at, ...rest } of steps) {
          monitors[at] = { ...monitors[at]!, ...rest };
          planner.update({ monitors });
          const now = herd.map(({ device }): [Id, readonly Id[]] => [device, planner.monitorsOf(device)]);
          expect(now).toEqual([...plan(herd, monitors, places(k))]);
        }
      }),
    );
  });

  it('plans nothing before it knows a policy', () => {
    const planner = new Planner();
    planner.update({ devices: [{ device: 'd' }], monitors: [{ monitor: 'm', site: 's', tags: [], capacity: 1 }] });
    expect(planner.monitorsOf('d')).toEqual([]);
    expect(planner.update({ policy: places(1) })).toEqual(new Set(['d']));
    expect(planner.monitorsOf('d')).toEqual(['m']);
  });
});
