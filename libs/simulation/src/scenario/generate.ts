import type { Device, Id, Placement } from '@guaita/model';
import { between, chance, pick, seededRandom, shuffled, whole, type Random } from '../engine/random.ts';
import { DRIFT } from '../guarantees/times.ts';
import type { Weather } from '../network/pipe.ts';
import type { Fault } from './fault.ts';
import { inventOne, quiet, wrongBelief, type Stage } from './invent.ts';
import type { Links, MonitorSpec, Scenario } from './scenario.ts';

/** What may be asked of a scenario; the seed decides the rest. */
export interface Wishes {
  readonly monitors?: number | undefined;
  readonly devices?: number | undefined;
  readonly links?: Links | undefined;
}

/** A time of faults, a quiet time, and again; over the database alone all takes longer. */
const PACE = {
  mqtt: { begin_ms: 7_000, faults_ms: 11_000, quiet_ms: 10_000 },
  both: { begin_ms: 8_000, faults_ms: 15_000, quiet_ms: 12_000 },
  database: { begin_ms: 260_000, faults_ms: 300_000, quiet_ms: 400_000 },
} as const;

/** So many monitors send so many beats that a host takes them in batches. */
const MANY = 12;

/** In so many scenarios a monitor that lives is taken for dead. */
const MISTAKEN = 0.25;

/** In so many scenarios operators silence and acknowledge alerts. */
const SILENCING = 0.5;

/** Wall clocks are wrong by up to this. */
const WALL_ERROR_ms = 5 * 60_000;

/** Makes up a scenario. The same seed and wishes always give the same. */
export function generate(seed: number, wishes: Wishes = {}): Scenario {
  const random = seededRandom(seed, 'scenario');
  const links = wishes.links ?? lot(random);
  // Mostly few: each hears all others, so twice as many cost four times the time.
  const count = wishes.monitors ?? Math.min(whole(random, 3, 8), whole(random, 3, 8));
  const sites = links === 'mqtt' ? whole(random, 1, 2) : whole(random, 1, Math.min(3, count));
  const shared = links !== 'database' && chance(random, 0.2);
  const k = Math.min(count, whole(random, 1, 3));
  const devices = inventDevices(random, wishes.devices ?? whole(random, 10, 60), sites);
  const spare = pick(random, [1, 1.1, 1.3, 2, 4]);
  const capacity = Math.max(3, Math.ceil((devices.length * k * spare) / Math.max(1, count - 1)));
  const alike = chance(random, 0.6);
  const late = whole(random, 0, Math.min(2, count - 2));
  const fed = shuffled(random, devices).slice(0, Math.ceil(devices.length * pick(random, [0.5, 0.9, 1])));
  const feeders = whole(random, 1, Math.min(3, count - late));
  const monitors = Array.from({ length: count }, (_, index): MonitorSpec => {
    const site = `site${(index % sites) + 1}`;
    return {
      monitor: `m${index + 1}`,
      site,
      tags: chance(random, 0.3) ? ['fast'] : [],
      capacity: alike ? capacity : Math.max(3, Math.round(capacity * between(random, 0.6, 1.4))),
      broker: shared ? `broker-${site}` : `m${index + 1}`,
      present: index < count - late,
      clock: {
        rate: 1 + between(random, -DRIFT, DRIFT),
        start_ms: between(random, 0, 1e9),
        wallError_ms: between(random, -WALL_ERROR_ms, WALL_ERROR_ms),
      },
      file: fed.filter((_device, at) => at % feeders === index),
    };
  });
  const stage: Stage = { random, links, shared, monitors, devices };
  const { faults, end_ms } = act(stage, seed);
  return {
    seed,
    links,
    monitors,
    policy: { monitors_per_device: k, snmp_per_device: 1, mode: chance(random, 0.2) ? 'pack' : 'spread' },
    weather: inventWeather(random),
    batch_ms: count > MANY ? 100 : 1,
    queueLimit: count > MANY ? 1000 : pick(random, [10, 40, 1000, 1000]),
    faults,
    end_ms,
  };
}

/** Over the database alone a run takes ten times as long. */
function lot(random: Random): Links {
  if (chance(random, 0.012)) return 'database';
  return chance(random, 0.3) ? 'both' : 'mqtt';
}

function act(stage: Stage, seed: number): Pick<Scenario, 'faults' | 'end_ms'> {
  const { random, links } = stage;
  const { begin_ms, faults_ms, quiet_ms } = PACE[links];
  const faults: Fault[] = [];
  let now_ms = begin_ms;
  // Now and then a single change, so that what it moves can be counted.
  const acts = chance(random, 0.15)
    ? [1, 1, 1]
    : Array.from({ length: whole(random, 1, 2) }, () => whole(random, 2, 7));
  for (const count of acts) {
    for (let index = 0; index < count; index++) {
      faults.push(...inventOne(stage, now_ms + between(random, 0, faults_ms), now_ms + faults_ms));
    }
    now_ms += faults_ms + quiet_ms;
  }
  // By a lot of its own: what else happens is as it is without.
  const doubt = seededRandom(seed, 'wrong beliefs');
  if (chance(doubt, MISTAKEN))
    faults.push(...wrongBelief({ ...stage, random: doubt }, begin_ms + between(doubt, 0, faults_ms), faults_ms / 2));
  const wishes = seededRandom(seed, 'silences');
  if (chance(wishes, SILENCING))
    faults.push(...quiet({ ...stage, random: wishes }, begin_ms + between(wishes, 0, faults_ms), faults_ms / 2));
  faults.sort((one, other) => one.at_ms - other.at_ms);
  return { faults, end_ms: now_ms };
}

function inventWeather(random: Random): Weather {
  const most_ms = pick(random, [5, 50, 200]);
  return {
    delay_ms: [most_ms / 5, most_ms],
    loss: 0,
    doubling: pick(random, [0, 0, 0.02]),
    reordering: 0,
  };
}

function inventDevices(random: Random, count: number, sites: number): Device[] {
  const restricted = chance(random, 0.15);
  return Array.from({ length: count }, (_, index) => {
    const device: Id = `d${index + 1}`;
    const placement = restricted && chance(random, 0.2) ? inventPlacement(random, sites) : undefined;
    return {
      device,
      name: device,
      addresses: [`192.0.2.${(index % 250) + 1}`],
      parents: [],
      tags: [],
      checks: {
        ping: { interval_s: 60, count: 3, timeout_ms: 1000, size_bytes: 56, dont_fragment: false, family: 'any' },
        ...(index % 3 === 0 ? { snmp: { profile: 'read', interval_s: 60, port: 161 } } : {}),
      },
      ...(placement === undefined ? {} : { placement }),
    };
  });
}

function inventPlacement(random: Random, sites: number): Placement {
  const site = `site${whole(random, 1, sites)}`;
  return pick<Placement>(random, [
    { only_sites: [site] },
    { not_sites: [site] },
    { only_tags: ['fast'] },
    { not_tags: ['fast'] },
  ]);
}
