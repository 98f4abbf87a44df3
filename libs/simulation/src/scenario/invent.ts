import type { Device, Id } from '@guaita/model';
import { between, chance, pick, shuffled, whole, type Random } from '../engine/random.ts';
import { DATABASE_PATIENCE_ms, MQTT_PATIENCE_ms } from '../guarantees/times.ts';
import type { Fault } from './fault.ts';
import type { Links, MonitorSpec } from './scenario.ts';

/** What faults are made up from. */
export interface Stage {
  readonly random: Random;
  readonly links: Links;
  readonly shared: boolean;
  readonly monitors: readonly MonitorSpec[];
  readonly devices: readonly Device[];
}

type Inventor = (stage: Stage, at_ms: number, most_ms: number) => readonly Fault[];

/** Makes up one fault, or a few that belong together, over before `end_ms` where it has an end. */
export function inventOne(stage: Stage, at_ms: number, end_ms: number): readonly Fault[] {
  const inventors = [
    ...ALWAYS,
    ...(stage.links === 'database' ? [] : BY_MQTT),
    ...(stage.links === 'mqtt' ? [] : BY_DATABASE),
  ];
  return pick(stage.random, inventors)(stage, at_ms, Math.max(100, end_ms - at_ms));
}

const anyone = ({ random, monitors }: Stage): Id => pick(random, monitors).monitor;
const anySite = ({ random, monitors }: Stage): Id => pick(random, monitors).site;

/** A time that is mostly short. */
function span({ random }: Stage, most_ms: number): number {
  return most_ms * random() * random();
}

const crash: Inventor = (stage, at_ms, most_ms) => [
  {
    kind: 'crash',
    at_ms,
    monitor: anyone(stage),
    what: chance(stage.random, 0.5) ? 'host' : 'program',
    disk: chance(stage.random, 0.25) ? 'lost' : 'kept',
    ...(chance(stage.random, 0.7) ? { back_ms: 200 + span(stage, most_ms) } : {}),
  },
];

const leave: Inventor = (stage, at_ms, most_ms) => [
  {
    kind: 'leave',
    at_ms,
    monitor: anyone(stage),
    by: anyone(stage),
    ...(chance(stage.random, 0.5) ? { back_ms: span(stage, most_ms) } : {}),
  },
];

const join: Inventor = (stage, at_ms) => {
  const absent = stage.monitors.filter(({ present }) => !present);
  return absent.length === 0 ? [] : [{ kind: 'join', at_ms, monitor: pick(stage.random, absent).monitor }];
};

const drain: Inventor = (stage, at_ms, most_ms) => [
  {
    kind: 'drain',
    at_ms,
    monitor: anyone(stage),
    by: anyone(stage),
    for_ms: chance(stage.random, 0.5) ? span(stage, most_ms) : 10 * most_ms,
  },
];

const capacity: Inventor = (stage, at_ms) => {
  const { monitor, capacity: before } = pick(stage.random, stage.monitors);
  return [
    { kind: 'capacity', at_ms, monitor, capacity: Math.max(2, Math.round(before * between(stage.random, 0.5, 2))) },
  ];
};

const stall: Inventor = (stage, at_ms, most_ms) => [
  { kind: 'stall', at_ms, monitor: anyone(stage), for_ms: Math.min(most_ms, between(stage.random, 500, 9000)) },
];

const incapable: Inventor = (stage, at_ms, most_ms) => [
  {
    kind: chance(stage.random, 0.5) ? 'isolation' : 'no probes',
    at_ms,
    monitor: anyone(stage),
    for_ms: chance(stage.random, 0.7) ? span(stage, most_ms) : 10 * most_ms,
  },
];

/** Two that reach their anchors by turns, over a slow network: each would hand over to the other, and knows it late. */
const wavering: Inventor = (stage, at_ms, most_ms) => {
  const { random, monitors } = stage;
  const pair = shuffled(random, monitors).slice(0, 2);
  const turn_ms = between(random, 0.2, 1) * Math.min(stage.links === 'database' ? 12_000 : 1500, most_ms / 4);
  const turns = Math.min(8, Math.floor(most_ms / turn_ms));
  const slow: Fault = {
    kind: 'weather',
    at_ms,
    for_ms: turns * turn_ms,
    weather: { delay_ms: [100, 1000], loss: 0, doubling: 0, reordering: 0 },
  };
  const wavers = Array.from({ length: turns }, (_, turn): Fault => ({
    kind: 'isolation',
    at_ms: at_ms + turn * turn_ms,
    monitor: pair[turn % 2]?.monitor ?? anyone(stage),
    for_ms: turn_ms * between(random, 0.5, 1),
  }));
  return [slow, ...wavers];
};

const wallClock: Inventor = (stage, at_ms) => [
  { kind: 'wall clock', at_ms, monitor: anyone(stage), by_ms: between(stage.random, -1, 1) * 10 * 60_000 },
];

/** Added and removed here and there: the two may not know of each other. */
const inventory: Inventor = (stage, at_ms, most_ms) => {
  const { random } = stage;
  return shuffled(random, stage.devices)
    .slice(0, whole(random, 1, 4))
    .flatMap((device) => {
      const add: Fault = { kind: 'add', at_ms: at_ms + span(stage, most_ms), device, by: anyone(stage) };
      const remove: Fault = {
        kind: 'remove',
        at_ms: at_ms + span(stage, most_ms),
        device: device.device,
        by: anyone(stage),
      };
      return chance(random, 0.3) ? [add] : [add, remove];
    });
};

/** Longer than a monitor waits until it withdraws what is over, and wider than wall clocks are wrong. */
const LONG_OVER_ms = -25 * 3_600_000;

/** Silences of one name set and taken away here and there, some long over when they are said; and alerts acknowledged. */
export const quiet: Inventor = (stage, at_ms, most_ms) => {
  const { random } = stage;
  const soon = (): { at_ms: number; by: Id } => ({ at_ms: at_ms + span(stage, most_ms), by: anyone(stage) });
  return ['s1', 's2', 's3']
    .slice(0, whole(random, 1, 3))
    .flatMap((silence): Fault[] => [
      { kind: 'silence', silence, ...soon(), for_ms: chance(random, 0.3) ? LONG_OVER_ms : 3_600_000 },
      ...(chance(random, 0.5) ? [{ kind: 'end of silence', silence, ...soon() } as const] : []),
      { kind: 'acknowledge', alert: `a${silence}`, ...soon() },
    ]);
};

const file: Inventor = (stage, at_ms) => {
  const { random, devices } = stage;
  const { monitor, file: before } = pick(random, stage.monitors);
  const kept = before.filter(() => chance(random, 0.7));
  const others = devices.filter((device) => !before.includes(device) && chance(random, 0.1));
  return [{ kind: 'file', at_ms, monitor, devices: [...kept, ...others] }];
};

const deviceDown: Inventor = (stage, at_ms, most_ms) => [
  { kind: 'device down', at_ms, device: pick(stage.random, stage.devices).device, for_ms: span(stage, most_ms) },
];

/** Dead for good, and then forgotten; sometimes it comes back after all. */
const forget: Inventor = (stage, at_ms, most_ms) => {
  const monitor = anyone(stage);
  const back: Partial<Fault> = chance(stage.random, 0.3) ? { back_ms: most_ms } : {};
  return [
    { kind: 'crash', at_ms, monitor, what: 'host', disk: 'kept', ...back } as Fault,
    { kind: 'forget', at_ms: at_ms + span(stage, most_ms), monitor, by: anyone(stage) },
  ];
};

const cut: Inventor = (stage, at_ms, most_ms) => {
  const { random, monitors } = stage;
  const order = shuffled(
    random,
    monitors.map(({ monitor }) => monitor),
  );
  const size = whole(random, 1, order.length - 1);
  return [
    {
      kind: 'cut',
      at_ms,
      from: order.slice(0, size),
      to: order.slice(size),
      ways: chance(random, 0.3) ? 'one' : 'both',
      database: chance(random, 0.5),
      // Some last into the quiet time: each part is to be complete on its own.
      for_ms: chance(random, 0.6) ? span(stage, most_ms) : most_ms + 12_000,
    },
  ];
};

/** One path only: two that do not hear each other, and all others hear both. */
const pairCut: Inventor = (stage, at_ms, most_ms) => {
  const [one, other] = shuffled(
    stage.random,
    stage.monitors.map(({ monitor }) => monitor),
  );
  if (one === undefined || other === undefined) return [];
  const ways = chance(stage.random, 0.5) ? 'one' : 'both';
  return [{ kind: 'cut', at_ms, from: [one], to: [other], ways, database: false, for_ms: span(stage, most_ms) }];
};

const brokerRestart: Inventor = (stage, at_ms, most_ms) => [
  {
    kind: 'broker restart',
    at_ms,
    broker: pick(stage.random, stage.monitors).broker,
    emptied: chance(stage.random, 0.6),
    for_ms: span(stage, most_ms),
  },
];

const frozenBroker: Inventor = (stage, at_ms, most_ms) => [
  { kind: 'frozen broker', at_ms, broker: pick(stage.random, stage.monitors).broker, for_ms: span(stage, most_ms) },
];

const lateWill: Inventor = (stage, at_ms, most_ms) => [
  { kind: 'late will', at_ms, monitor: anyone(stage), for_ms: 1500 + span(stage, most_ms) },
];

const weather: Inventor = (stage, at_ms, most_ms) => {
  const { random } = stage;
  const slow_ms = pick(random, [50, 500, 1500]);
  return [
    {
      kind: 'weather',
      at_ms,
      for_ms: span(stage, most_ms),
      weather: {
        delay_ms: [slow_ms / 10, slow_ms],
        loss: pick(random, [0.02, 0.1, 0.5]),
        doubling: pick(random, [0, 0.1]),
        reordering: pick(random, [0, 0.2]),
      },
    },
  ];
};

/** One is taken for dead by some of the others, or by all, though it lives and hears them. */
export const wrongBelief: Inventor = (stage, at_ms, most_ms) => {
  const { random, links, monitors } = stage;
  const [monitor, ...others] = shuffled(
    random,
    monitors.map(({ monitor: id }) => id),
  );
  if (monitor === undefined) return [];
  const patience_ms = links === 'database' ? DATABASE_PATIENCE_ms : MQTT_PATIENCE_ms;
  const for_ms = Math.max(1.2 * patience_ms, span(stage, most_ms));
  return [{ kind: 'wrong belief', at_ms, monitor, by: others.slice(0, whole(random, 1, others.length)), for_ms }];
};

const siteFault =
  (kind: 'database away' | 'empty answers' | 'stale answers'): Inventor =>
  (stage, at_ms, most_ms) => [{ kind, at_ms, site: anySite(stage), for_ms: span(stage, most_ms) }];

const lostWrites: Inventor = (stage, at_ms) => [{ kind: 'lost writes', at_ms, site: anySite(stage) }];

/** Cut off on every way, and dead before that is over: what it wrote last comes out of the database late. */
const lastWords: Inventor = (stage, at_ms, most_ms) => {
  const { random, monitors } = stage;
  const { monitor, site } = pick(random, monitors);
  const idsWhere = (here: boolean): Id[] =>
    monitors.filter((one) => (one.site === site) === here).map(({ monitor: id }) => id);
  const [from, to] = [idsWhere(true), idsWhere(false)];
  if (to.length === 0) return [];
  // Longer than its silence is noticed in, and doubted.
  const for_ms = Math.max(most_ms, between(random, 14_000, 20_000));
  return [
    { kind: 'cut', at_ms, from, to, ways: 'both', database: true, for_ms },
    { kind: 'crash', at_ms: at_ms + between(random, 4000, for_ms), monitor, what: 'host', disk: 'kept' },
  ];
};

const ALWAYS: readonly Inventor[] = [
  crash,
  crash,
  crash,
  leave,
  join,
  join,
  drain,
  capacity,
  stall,
  stall,
  incapable,
  wavering,
  wavering,
  wallClock,
  inventory,
  inventory,
  file,
  deviceDown,
  forget,
  cut,
  cut,
];
const BY_MQTT: readonly Inventor[] = [pairCut, brokerRestart, frozenBroker, lateWill, weather, weather];
const BY_DATABASE: readonly Inventor[] = [
  siteFault('database away'),
  siteFault('empty answers'),
  siteFault('empty answers'),
  siteFault('stale answers'),
  lostWrites,
  lastWords,
];
