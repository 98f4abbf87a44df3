import type { Device, Id } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { run } from '../run.ts';
import type { Fault } from '../scenario/fault.ts';
import { generate } from '../scenario/generate.ts';
import type { Links, MonitorSpec, Scenario } from '../scenario/scenario.ts';
import { reportFailure } from '../report.ts';
import { shrink } from '../shrink.ts';
import { loadOf, moved } from './moves.ts';
import { checkSettled, type Assignment } from './settled.ts';
import { partsOf } from './parts.ts';
import { truthOf } from './truth.ts';

function device(index: number): Device {
  const id = `d${index + 1}`;
  return { device: id, name: id, addresses: ['192.0.2.1'], parents: [], tags: [], checks: {} };
}

/** Monitors alike, in good weather. */
function scenario(options: {
  monitors: number;
  devices: number;
  k: number;
  spare?: number;
  absent?: number;
  links?: Links;
  sites?: readonly Id[];
  faults: readonly Fault[];
  end_ms: number;
}): Scenario {
  const { monitors: count, devices, k, spare = 2, absent = 0, faults, end_ms } = options;
  const { links = 'mqtt', sites = ['home'] } = options;
  const all = Array.from({ length: devices }, (_, index) => device(index));
  const monitors = Array.from({ length: count }, (_, index): MonitorSpec => ({
    monitor: `m${index + 1}`,
    site: sites[index % sites.length] as Id,
    tags: [],
    capacity: Math.ceil((devices * k * spare) / (count - 1)),
    broker: `m${index + 1}`,
    present: index < count - absent,
    clock: { rate: 1 + (index % 5) / 250 - 0.008, start_ms: 977 * index, wallError_ms: 10_000 * index },
    file: index === 0 ? all : [],
  }));
  return {
    seed: 1,
    links,
    monitors,
    policy: { monitors_per_device: k, snmp_per_device: 1, mode: 'spread' },
    weather: { delay_ms: [5, 50], loss: 0, doubling: 0, reordering: 0 },
    batch_ms: 1,
    queueLimit: 1000,
    faults,
    end_ms,
  };
}

/** What is held at some moments, in seconds. */
function assignmentsAt(told: Scenario, moments_s: readonly number[]): Assignment[] {
  const assignments: Assignment[] = [];
  const { violation } = run(told, {
    observe: (world, judge) => {
      if (world.agenda.now_ms < (moments_s[assignments.length] ?? Infinity) * 1000) return;
      const [part] = partsOf(world);
      if (part === undefined) throw new Error('nobody is there');
      assignments.push(checkSettled(world, part, truthOf(world, part), judge.ledger));
    },
  });
  if (violation !== undefined) throw violation;
  return assignments;
}

describe('guarantee 3, where there are devices enough to count', () => {
  it('lets a join, and a leave, move at most the fair share and a tenth', { timeout: 60_000 }, () => {
    const [before, joined, left] = assignmentsAt(
      scenario({
        monitors: 8,
        absent: 1,
        devices: 3000,
        k: 2,
        faults: [
          { at_ms: 15_000, kind: 'join', monitor: 'm8' },
          { at_ms: 40_000, kind: 'leave', monitor: 'm3', by: 'm1' },
        ],
        end_ms: 70_000,
      }),
      [14, 39, 69],
    );
    if (before === undefined || joined === undefined || left === undefined) throw new Error('the run ended early');
    const fairShare = (3000 * 2) / 8;
    expect(moved(before, joined)).toBeLessThanOrEqual(fairShare * 1.1);
    expect(moved(joined, left)).toBeLessThanOrEqual(Math.max(fairShare, loadOf(joined, 'm3')) * 1.1);
  });
});

describe('a rolling restart', () => {
  it.each([1, 2])(
    'of all monitors, one by one, leaves no device without a watcher: k = %i',
    { timeout: 60_000 },
    (k) => {
      let least = Infinity;
      const faults = Array.from({ length: 5 }, (_, index): Fault => ({
        at_ms: 10_000 + 25_000 * index,
        kind: 'leave',
        monitor: `m${index + 1}`,
        by: `m${((index + 1) % 5) + 1}`,
        back_ms: 3000,
      }));
      const told = scenario({ monitors: 5, devices: 40, k, faults, end_ms: 145_000 });
      const { violation, tested } = run(told, {
        observe: ({ agenda }, { watchers }) => {
          if (agenda.now_ms < 9000) return;
          for (let index = 1; index <= 40; index++) least = Math.min(least, watchers.count(`d${index}`));
        },
      });
      expect(violation).toBeUndefined();
      expect(least).toBeGreaterThanOrEqual(1);
      expect(tested.settled).toBeGreaterThan(5);
    },
  );
});

describe('a monitor that dies while every way to it is cut', () => {
  it('is not taken for alive when the database brings what it wrote last', () => {
    const told = scenario({
      ...{ monitors: 4, devices: 40, k: 2, sites: ['north', 'south'], links: 'both', end_ms: 80_000 },
      faults: [
        {
          ...{ at_ms: 10_000, kind: 'cut', from: ['m2', 'm4'], to: ['m1', 'm3'], ways: 'both', database: true },
          for_ms: 35_000,
        },
        { at_ms: 35_000, kind: 'crash', monitor: 'm2', what: 'host', disk: 'kept' },
      ],
    });
    const written = new Set<number | undefined>();
    const { violation } = run(told, {
      observe: ({ agenda, alive, database }) => {
        if (agenda.now_ms < 40_000) return;
        written.add(database.centre('north').read().registers.get('m2/header')?.written);
        const believing = alive.filter(({ told: { monitors } }) => monitors.get('m2')?.alive === true);
        expect(believing.map(({ id }) => id)).toEqual([]);
      },
    });
    expect(violation).toBeUndefined();
    // What it wrote before it was cut off, and what it wrote last.
    expect(written.size).toBe(2);
  });
});

describe('a monitor that lives and is taken for dead', () => {
  it.each([
    ['by one', ['m2']],
    ['by all others', ['m2', 'm3', 'm4']],
  ])('%s is watched twice for a moment, and no device goes without a watcher', (_, by) => {
    const faults: Fault[] = [{ at_ms: 10_000, kind: 'wrong belief', monitor: 'm1', by, for_ms: 8_000 }];
    const told = scenario({ monitors: 4, devices: 40, k: 1, faults, end_ms: 40_000 });
    const mistaken = new Set<Id>();
    let [least, most] = [Infinity, 0];
    const { violation, tested } = run(told, {
      observe: ({ agenda, alive }, { watchers }) => {
        if (agenda.now_ms < 9000) return;
        for (const { id, told: known } of alive) if (known.monitors.get('m1')?.alive === false) mistaken.add(id);
        for (let index = 1; index <= 40; index++) {
          least = Math.min(least, watchers.count(`d${index}`));
          most = Math.max(most, watchers.count(`d${index}`));
        }
      },
    });
    expect(violation).toBeUndefined();
    expect([...mistaken].sort()).toEqual(by);
    expect([least, most]).toEqual([1, 2]);
    expect(tested.settled).toBeGreaterThan(1);
  });
});

describe('a month later', () => {
  it('what was removed does not come back with a monitor that was away', () => {
    const month: Fault[] = ['m1', 'm2', 'm3'].map((monitor) => ({
      at_ms: 40_000,
      kind: 'wall clock',
      monitor,
      by_ms: 40 * 24 * 3_600_000,
    }));
    const extra = { ...device(90), device: 'removed' };
    const faults: Fault[] = [
      { at_ms: 10_000, kind: 'add', device: extra, by: 'm1' },
      { at_ms: 20_000, kind: 'crash', monitor: 'm3', what: 'host', disk: 'kept', back_ms: 40_000 },
      { at_ms: 25_000, kind: 'remove', device: 'removed', by: 'm2' },
      ...month,
      // Something new: by its stamp all know how late it is, and collect the tombstone.
      { at_ms: 45_000, kind: 'add', device: device(91), by: 'm1' },
    ];
    let known = 0;
    let collected = 0;
    const { violation } = run(scenario({ monitors: 3, devices: 10, k: 2, faults, end_ms: 90_000 }), {
      observe: ({ agenda, alive }) => {
        if (agenda.now_ms < 50_000) return;
        known += alive.filter(({ told: { devices } }) => devices.has('removed')).length;
        const kept = alive.some(({ disk }) =>
          [...disk.intents.values()].flat().some(({ subject }) => subject === 'removed'),
        );
        collected += kept ? 0 : 1;
      },
    });
    expect(violation).toBeUndefined();
    expect(collected).toBeGreaterThan(0);
    expect(known).toBe(0);
  });
});

describe('a run', () => {
  it('is the same each time', () => {
    const tell = () => run(generate(42), { fullStory: true }).story.lines();
    expect(tell().length).toBeGreaterThan(10);
    expect(tell()).toEqual(tell());
  });

  it('that fails is told with its seed, the command that replays it, and a shrunk story', () => {
    // A crowd of devices that one monitor cannot take is no promise broken; one that claims too many is.
    const told = generate(7, { monitors: 4, devices: 20, links: 'mqtt' });
    const sabotage = { hear: () => [] };
    const { violation } = run(told, { sabotage });
    if (violation === undefined) throw new Error('deaf monitors were not found');
    const shrunk = shrink(told, violation, { sabotage });
    expect(shrunk.scenario.faults.length).toBeLessThanOrEqual(told.faults.length);
    expect(shrunk.violation.guarantee).toBe(violation.guarantee);
    const report = reportFailure(told, violation, { monitors: 4, devices: 20, links: 'mqtt' }, { sabotage });
    expect(report).toContain('seed 7: guarantee ');
    expect(report).toContain('npm run simulate -- --seed 7 --monitors 4 --devices 20 --links mqtt');
    expect(report).toContain('shrunk to 0 faults');
  });
});
