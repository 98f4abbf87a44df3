import type { Device, Id } from '@guaita/model';
import { run } from '../run.ts';
import type { MonitorSpec, Scenario } from '../scenario/scenario.ts';

/** Until then they come together: another story. */
const BEGIN_ms = 10_000;
const CUT_ms = 20_000;
const HEAL_ms = 50_000;
const END_ms = 80_000;
const MONITORS = 6;
const DEVICES = 60;
const K = 2;

/** How many claims there are at one moment, by the site of who holds or leaves. */
export interface Sample {
  readonly at_s: number;
  readonly held: Readonly<Record<Id, number>>;
  readonly leaving: number;
  /** Devices that nobody at all watches. */
  readonly unwatched: number;
}

export interface PartitionRun {
  readonly samples: readonly Sample[];
  readonly story: readonly string[];
  readonly begin_s: number;
  readonly cut_s: number;
  readonly heal_s: number;
  readonly end_s: number;
  readonly devices: number;
  readonly k: number;
}

/** Six monitors at two sites; the sites lose each other, and find each other again. */
function scenario(): Scenario {
  const devices = Array.from({ length: DEVICES }, (_, index): Device => ({
    device: `d${index + 1}`,
    name: `d${index + 1}`,
    addresses: [`192.0.2.${index + 1}`],
    parents: [],
    tags: [],
    checks: {},
  }));
  const monitors = Array.from({ length: MONITORS }, (_, index): MonitorSpec => ({
    monitor: `m${index + 1}`,
    site: index < MONITORS / 2 ? 'north' : 'south',
    tags: [],
    capacity: 60,
    broker: `m${index + 1}`,
    present: true,
    clock: { rate: 1 + (index - 2) / 200, start_ms: 1000 * index, wallError_ms: 0 },
    file: index === 0 ? devices : [],
  }));
  const ids = monitors.map(({ monitor }) => monitor);
  return {
    seed: 1,
    links: 'mqtt',
    monitors,
    policy: { monitors_per_device: K, snmp_per_device: 1, mode: 'spread' },
    weather: { delay_ms: [5, 50], loss: 0, doubling: 0, reordering: 0 },
    batch_ms: 1,
    queueLimit: 1000,
    faults: [
      {
        kind: 'cut',
        at_ms: CUT_ms,
        from: ids.slice(0, MONITORS / 2),
        to: ids.slice(MONITORS / 2),
        ways: 'both',
        database: false,
        for_ms: HEAL_ms - CUT_ms,
      },
    ],
    end_ms: END_ms,
  };
}

/** Runs the partition, and counts the claims four times a second. */
export function runPartition(): PartitionRun {
  const samples: Sample[] = [];
  const told = scenario();
  const { story, violation } = run(told, {
    observe: (world, judge) => {
      if (world.agenda.now_ms < BEGIN_ms) return;
      const held: Record<Id, number> = { north: 0, south: 0 };
      let leaving = 0;
      for (const host of world.alive) {
        for (const { state } of judge.ledger.claims(host).values()) {
          if (state === 'leaving') leaving++;
          else held[host.spec.site] = (held[host.spec.site] ?? 0) + 1;
        }
      }
      const unwatched = Array.from({ length: DEVICES }, (_, index) => judge.watchers.count(`d${index + 1}`)).filter(
        (count) => count === 0,
      ).length;
      samples.push({ at_s: world.agenda.now_ms / 1000, held, leaving, unwatched });
    },
  });
  if (violation !== undefined) throw violation;
  return {
    samples,
    story: story.lines(),
    begin_s: BEGIN_ms / 1000,
    cut_s: CUT_ms / 1000,
    heal_s: HEAL_ms / 1000,
    end_s: END_ms / 1000,
    devices: DEVICES,
    k: K,
  };
}

/** The same in words: what was done, and each change of the numbers. */
export function tellPartition({ samples, story, begin_s, devices, k }: PartitionRun): string {
  const told = story.map((line) => ({ at_s: Number.parseFloat(line), line })).filter(({ at_s }) => at_s >= begin_s);
  const lines = [...told];
  let before = '';
  for (const { at_s, held, leaving, unwatched } of samples) {
    const now = `claims held in the north: ${held['north'] ?? 0}, in the south: ${held['south'] ?? 0}; leaving: ${leaving}; devices without a watcher: ${unwatched}`;
    if (now !== before) lines.push({ at_s, line: `${at_s.toFixed(3).padStart(9)} s    ${now}` });
    before = now;
  }
  lines.sort((one, other) => one.at_s - other.at_s);
  return `${devices} devices, ${k} monitors each; m1, m2, m3 in the north, m4, m5, m6 in the south\n${lines.map(({ line }) => `${line}\n`).join('')}`;
}
