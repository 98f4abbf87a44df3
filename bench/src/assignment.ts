import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { plan, Planner, type PlanDevice, type PlanMonitor } from '@guaita/assignment';
import type { Id, Policy } from '@guaita/model';
import HashRing from 'hashring';
import { MONITORS_PER_DEVICE, someDevices, someMonitors } from './assignment/cluster.ts';
import type { MillionFigures } from './assignment/million.ts';
import type { BenchOptions } from './main.ts';
import type { BenchResult, Row } from './report.ts';

const DEVICES = 35_000;
const MONITORS = 60;
/** Before any is measured: a monitor plans all day, and what counts is what it takes when the compiler is through. */
const WARM_UP_RUNS = 5;
const RUNS = 15;
/** Of how many monitors a leave and a join are looked at; the mean is given. */
const MOVES_LOOKED_AT = 12;

const policy: Policy = { monitors_per_device: MONITORS_PER_DEVICE, snmp_per_device: 1, mode: 'spread' };
const devices = someDevices(DEVICES);
const monitors = someMonitors(MONITORS, DEVICES);

type Lists = ReadonlyMap<Id, readonly Id[]>;

/**
 * Who watches what, for 35,000 devices and 60 monitors of three sites with a fifth of their capacity to spare: how long
 * a plan takes, how even it is, and how much a join and a leave move. Beside it the plain rendezvous hashing of its
 * textbook, which knows neither capacity nor sites, and `hashring`, the ketama ring of npm, with the same devices.
 */
export async function benchAssignment({ progress }: BenchOptions): Promise<BenchResult> {
  progress(`${DEVICES} devices on ${MONITORS} monitors, ${RUNS} runs each`);
  const first_ms = time(() => plan(devices, monitors, policy));
  const plan_ms = median(() => plan(devices, monitors, policy));
  const plain_ms = median(() => plainRendezvous(monitors));
  progress('the ring');
  const ring_ms = median(() => ring(monitors));
  progress('deaths, joins, and a single device');
  const changes = measureChanges();
  progress('how much moves');
  const ours = measureMoves((members) => plan(devices, members, policy));
  const plain = measureMoves(plainRendezvous);
  const ringed = measureMoves(ring, 2);
  progress('1,000,000 devices on 200 monitors, in a process of their own');
  const million = await measureMillion();

  const guaita = 'guaita plan';
  const ms = (subject: string, metric: string, value: number): Row => ({ subject, metric, value, unit: 'ms' });
  const spread = (subject: string, figures: Moves): Row[] => [
    { subject, metric: 'most loaded monitor over the mean', value: figures.load, unit: '×' },
    { subject, metric: 'moved by a join over the fair share', value: figures.join, unit: '×' },
    { subject, metric: 'moved by a leave over the fair share', value: figures.leave, unit: '×' },
  ];
  return {
    rows: [
      ms(guaita, 'plan of 35,000 × 60', plan_ms),
      ms(guaita, '… the very first one of a process', first_ms),
      ms('rendezvous by sorting', 'plan of 35,000 × 60', plain_ms),
      ms('hashring', 'plan of 35,000 × 60', ring_ms),
      ms(guaita, 'one death replanned', changes.death_ms),
      ms(guaita, 'one join replanned', changes.join_ms),
      ms(guaita, 'one device added', changes.device_ms),
      ms(guaita, 'one death replanned, all monitors full', changes.full_ms),
      ms(guaita, 'plan of 1,000,000 × 200', million.plan_ms),
      ms(guaita, '… CPU of it', million.cpu_ms),
      { subject: guaita, metric: '… memory at most', value: million.peak_bytes / 1e6, unit: 'MB' },
      ...spread(guaita, ours),
      ...spread('rendezvous by sorting', plain),
      ...spread('hashring', ringed),
    ],
    ratios: {
      load_max_over_mean: ours.load,
      moved_by_join_over_fair_share: ours.join,
      moved_by_leave_over_fair_share: ours.leave,
      time_vs_rendezvous_by_sorting: plan_ms / plain_ms,
      time_vs_hashring: plan_ms / ring_ms,
    },
  };
}

function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? NaN;
}

function median(work: () => unknown): number {
  for (let run = 0; run < WARM_UP_RUNS; run += 1) work();
  return middle(Array.from({ length: RUNS }, () => time(work)));
}

/** For each device the monitors with the highest scores, by sorting them all: the textbook. */
function plainRendezvous(members: readonly PlanMonitor[]): Lists {
  const hashes = members.map(({ monitor }) => fnv(monitor));
  return new Map(
    devices.map(({ device }) => {
      const hash = fnv(device);
      const scored = members.map(({ monitor, capacity }, index) => ({
        monitor,
        score: -capacity / Math.log(uniform(hash, hashes[index]!)),
      }));
      scored.sort((one, other) => other.score - one.score);
      return [device, scored.slice(0, MONITORS_PER_DEVICE).map(({ monitor }) => monitor)];
    }),
  );
}

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

function uniform(device: number, monitor: number): number {
  let hash = Math.imul(device ^ (monitor >>> 16) ^ monitor, 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4294967296 + 2 ** -33;
}

function ring(members: readonly PlanMonitor[]): Lists {
  const hashRing = new HashRing(members.map(({ monitor }) => monitor));
  return new Map(devices.map(({ device }) => [device, hashRing.range(device, MONITORS_PER_DEVICE)]));
}

function measureChanges(): { death_ms: number; join_ms: number; device_ms: number; full_ms: number } {
  const planner = new Planner();
  planner.update({ devices, monitors, policy });
  const deaths: number[] = [];
  const joins: number[] = [];
  const added: number[] = [];
  for (let run = 0; run < WARM_UP_RUNS + RUNS; run += 1) {
    deaths.push(time(() => planner.update({ monitors: monitors.toSpliced(run, 1) })));
    joins.push(time(() => planner.update({ monitors })));
    const device: PlanDevice = { device: `another-${run}` };
    added.push(time(() => planner.update({ devices: [device] })));
  }
  const capacity = Math.ceil((DEVICES * MONITORS_PER_DEVICE) / MONITORS);
  const full = monitors.map((monitor) => ({ ...monitor, capacity }));
  const fullPlanner = new Planner();
  fullPlanner.update({ devices, monitors: full, policy });
  const fullDeaths = full.slice(0, RUNS).map((_, index) => {
    const death_ms = time(() => fullPlanner.update({ monitors: full.toSpliced(index, 1) }));
    fullPlanner.update({ monitors: full });
    return death_ms;
  });
  return {
    death_ms: middle(deaths.slice(WARM_UP_RUNS)),
    join_ms: middle(joins.slice(WARM_UP_RUNS)),
    device_ms: middle(added.slice(WARM_UP_RUNS)),
    full_ms: middle(fullDeaths),
  };
}

interface Moves {
  readonly load: number;
  readonly join: number;
  readonly leave: number;
}

/** What moves is a place of a device that is another monitor's afterwards; the fair share is one monitor's part of all. */
function measureMoves(planned: (members: readonly PlanMonitor[]) => Lists, lookedAt = MOVES_LOOKED_AT): Moves {
  const all = planned(monitors);
  const fairShare = (DEVICES * MONITORS_PER_DEVICE) / MONITORS;
  let join = 0;
  let leave = 0;
  for (let index = 0; index < lookedAt; index += 1) {
    const without = planned(monitors.toSpliced(Math.floor((index * MONITORS) / lookedAt), 1));
    leave += moved(all, without) / fairShare / lookedAt;
    join += moved(without, all) / fairShare / lookedAt;
  }
  const loads = new Map<Id, number>();
  for (const monitor of [...all.values()].flat()) loads.set(monitor, (loads.get(monitor) ?? 0) + 1);
  return { load: Math.max(...loads.values()) / fairShare, join, leave };
}

function moved(before: Lists, after: Lists): number {
  let moves = 0;
  for (const [device, list] of after) moves += list.filter((monitor) => !before.get(device)?.includes(monitor)).length;
  return moves;
}

async function measureMillion(): Promise<MillionFigures> {
  const script = new URL('./assignment/million.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  return JSON.parse(stdout) as MillionFigures;
}
