import type { InterfaceObservation, RateUnknown } from '@guaita/model';
import { counterRate, intervalBetween, type Counter, type Stamp } from './counters.ts';
import { IF } from './mib.ts';
import { distinctNames } from './names.ts';
import type { Row, Table } from './table.ts';
import { counterOf, nameOf, numberOf, textOf } from './value.ts';

/** What is remembered of an interface from one poll to the next. */
export interface InterfaceSample {
  readonly index: number;
  readonly stamp: Stamp;
  /** ifCounterDiscontinuityTime. */
  readonly discontinuity: number | undefined;
  readonly counters: readonly (Counter | undefined)[];
  /** Its octets ran past ifSpeed: once is a jump, twice in a row means that ifSpeed is wrong. */
  readonly beyondSpeed: boolean;
}

/** By name, since ifIndex may move (RFC 2863 §3.1.5). */
export type InterfaceMemory = ReadonlyMap<string, InterfaceSample>;

/** Columns for every agent. 32-bit counters are asked for only where it takes them (`FALLBACK_COLUMNS`). */
export const INTERFACE_COLUMNS: readonly string[] = [
  IF.name,
  IF.in_octets,
  IF.out_octets,
  IF.in_errors,
  IF.out_errors,
  IF.in_discards,
  IF.out_discards,
  IF.in_multicast,
  IF.out_multicast,
  IF.discontinuity,
  IF.admin,
  IF.oper,
  IF.type,
  IF.high_speed,
  IF.speed,
  IF.alias,
];

/** For agents, or interfaces, without 64-bit counters or ifName. */
export const FALLBACK_COLUMNS: readonly string[] = [
  IF.descr,
  IF.in_octets_32,
  IF.out_octets_32,
  IF.in_multicast_32,
  IF.out_multicast_32,
];

/** Each rate: where it is counted, in 64 bits if the agent can, and what of. */
const RATES = [
  { field: 'in_bps', wide: IF.in_octets, narrow: IF.in_octets_32, octets: true },
  { field: 'out_bps', wide: IF.out_octets, narrow: IF.out_octets_32, octets: true },
  { field: 'in_errors_per_s', wide: undefined, narrow: IF.in_errors, octets: false },
  { field: 'out_errors_per_s', wide: undefined, narrow: IF.out_errors, octets: false },
  { field: 'in_discards_per_s', wide: undefined, narrow: IF.in_discards, octets: false },
  { field: 'out_discards_per_s', wide: undefined, narrow: IF.out_discards, octets: false },
  { field: 'in_multicast_per_s', wide: IF.in_multicast, narrow: IF.in_multicast_32, octets: false },
  { field: 'out_multicast_per_s', wide: IF.out_multicast, narrow: IF.out_multicast_32, octets: false },
] as const;

type RateField = (typeof RATES)[number]['field'];

const ADMIN = { 1: 'up', 2: 'down', 3: 'testing' } as const;
const OPER = {
  1: 'up',
  2: 'down',
  3: 'testing',
  4: 'unknown',
  5: 'dormant',
  6: 'not_present',
  7: 'lower_layer_down',
} as const;

/** ifSpeed's greatest value says "look at ifHighSpeed" (RFC 2863 §3.1.6). */
const SPEED_SATURATED = 4_294_967_295;

/** A counter of 64 bits on an interface of unknown speed: no link of today is faster than 800 Gb/s. */
const FASTEST_BPS = 800e9;
/** RFC 2863 §3.1.6 asks for 64-bit counters above 20 Mb/s; agents without them are that slow, or Fast Ethernet of before. */
const FASTEST_NARROW_BPS = 100e6;
/** The smallest packet: an IPv4 header. */
const SMALLEST_PACKET_BITS = 160;

/** Tells whether 32-bit columns or ifDescr are needed to say all of some interface. */
export function needsFallback(table: Table): boolean {
  if (table.rows.size === 0) return true;
  for (const row of table.rows.values()) {
    if (table.cell(row, IF.in_octets) === undefined || !textOf(table.cell(row, IF.name))) return true;
  }
  return false;
}

export interface InterfaceReadings {
  readonly interfaces: Record<string, InterfaceObservation>;
  readonly memory: InterfaceMemory;
  /** Rates whose counters no interface of this device has. */
  readonly neverGiven: readonly string[];
}

/**
 * Makes interfaces of the columns that were read, by name, with rates since the last poll.
 *
 * @param wanted names to report; all are remembered, so that one that is wanted later has a rate at once.
 */
export function readInterfaces(table: Table, previous: InterfaceMemory, wanted?: readonly string[]): InterfaceReadings {
  const named = [...table.rows].flatMap(([index, row]): [string, string | undefined][] =>
    isIndex(index) ? [[index, textOf(table.cell(row, IF.name)) || textOf(table.cell(row, IF.descr))]] : [],
  );
  const neverGiven = RATES.filter(
    ({ wide, narrow }) => !table.has(narrow) && (wide === undefined || !table.has(wide)),
  ).map(({ field }) => field);
  const observed: [string, InterfaceObservation][] = [];
  const memory = new Map<string, InterfaceSample>();
  for (const [index, name] of distinctNames(named, 'if')) {
    const row = table.rows.get(index);
    if (row === undefined) continue;
    const before = previous.get(name);
    const speed_bps = speedOf(table, row);
    const reading = sampleOf(table, row, Number(index));
    const { rates, beyondSpeed, tooSoon } = ratesOf(before, reading, speed_bps);
    // After too short an interval the older sample stays, so that the next rate is over a sound one.
    memory.set(name, tooSoon && before !== undefined ? before : { ...reading, beyondSpeed });
    if (wanted === undefined || wanted.includes(name)) {
      observed.push([name, observe(table, row, reading, speed_bps, rates, neverGiven)]);
    }
  }
  return { interfaces: Object.fromEntries(observed), memory, neverGiven: table.rows.size === 0 ? [] : neverGiven };
}

function observe(
  table: Table,
  row: Row,
  sample: InterfaceSample,
  speed_bps: number | null,
  rates: ReadonlyMap<RateField, number | RateUnknown>,
  neverGiven: readonly RateField[],
): InterfaceObservation {
  const rate = (field: RateField): number | null => {
    const value = rates.get(field);
    return typeof value === 'number' ? value : null;
  };
  const octets = (counter: Counter | undefined): number | null =>
    counter === undefined ? null : Number(counter.value);
  return {
    index: sample.index,
    alias: textOf(table.cell(row, IF.alias)) || null,
    type: typeOf(numberOf(table.cell(row, IF.type))),
    admin: nameOf(table.cell(row, IF.admin), ADMIN) ?? null,
    oper: nameOf(table.cell(row, IF.oper), OPER) ?? null,
    speed_bps,
    in_bps: rate('in_bps'),
    out_bps: rate('out_bps'),
    in_octets: octets(sample.counters[0]),
    out_octets: octets(sample.counters[1]),
    in_errors_per_s: rate('in_errors_per_s'),
    out_errors_per_s: rate('out_errors_per_s'),
    in_discards_per_s: rate('in_discards_per_s'),
    out_discards_per_s: rate('out_discards_per_s'),
    in_multicast_per_s: rate('in_multicast_per_s'),
    out_multicast_per_s: rate('out_multicast_per_s'),
    ...explain(rates, neverGiven),
  };
}

/** Says why rates are null: once when all are for one reason, else each by name. What no interface has is said once. */
function explain(
  rates: ReadonlyMap<RateField, number | RateUnknown>,
  neverGiven: readonly RateField[],
): Pick<InterfaceObservation, 'rates_unknown' | 'missing'> {
  const able = [...rates].filter(([field]) => !neverGiven.includes(field));
  const unknown = able.filter((entry): entry is [RateField, RateUnknown] => typeof entry[1] === 'string');
  if (unknown.length === 0) return {};
  const reasons = new Set(unknown.map(([, reason]) => reason));
  const [only] = reasons;
  if (unknown.length === able.length && reasons.size === 1 && only !== undefined) return { rates_unknown: only };
  return { missing: Object.fromEntries(unknown) };
}

function sampleOf(table: Table, row: Row, index: number): InterfaceSample {
  return {
    index,
    stamp: row.stamp,
    discontinuity: numberOf(table.cell(row, IF.discontinuity)),
    counters: RATES.map(({ wide, narrow }) => {
      const value64 = wide === undefined ? undefined : counterOf(table.cell(row, wide));
      if (value64 !== undefined) return { value: value64, bits: 64 };
      const value32 = counterOf(table.cell(row, narrow));
      return value32 === undefined ? undefined : { value: value32, bits: 32 };
    }),
    beyondSpeed: false,
  };
}

/** The rates between two samples; `beyondSpeed` when octets ran faster than ifSpeed. */
function ratesOf(
  before: InterfaceSample | undefined,
  after: InterfaceSample,
  speed_bps: number | null,
): { rates: Map<RateField, number | RateUnknown>; beyondSpeed: boolean; tooSoon: boolean } {
  const interval = before === undefined ? 'first poll' : intervalOf(before, after);
  const rates = new Map<RateField, number | RateUnknown>();
  let beyondSpeed = false;
  for (const [position, { field, octets }] of RATES.entries()) {
    const now = after.counters[position];
    if (now === undefined || typeof interval === 'string' || before === undefined) {
      rates.set(field, now === undefined ? 'not given' : interval);
      continue;
    }
    const fastest_bps = now.bits === 32 ? FASTEST_NARROW_BPS : FASTEST_BPS;
    const limit = (bps: number) => ({ max_per_s: bps / (octets ? 8 : SMALLEST_PACKET_BITS), sustained: octets });
    let rate = counterRate(before.counters[position], now, interval, limit(speed_bps ?? fastest_bps));
    if (rate === 'counter jumped' && octets) {
      beyondSpeed = true;
      // Tunnels and virtual ports name any speed: twice in a row it is not the counter that lies.
      if (before.beyondSpeed) rate = counterRate(before.counters[position], now, interval, limit(FASTEST_BPS));
    }
    rates.set(field, typeof rate === 'number' ? round(octets ? rate * 8 : rate) : rate);
  }
  return { rates, beyondSpeed, tooSoon: interval === 'too soon' };
}

function intervalOf(before: InterfaceSample, after: InterfaceSample): number | RateUnknown {
  const interval = intervalBetween(before.stamp, after.stamp);
  if (typeof interval === 'string') return interval;
  if (before.discontinuity !== after.discontinuity) return 'discontinuity';
  // An agent that keeps discontinuity times (other than 0) would have told of a new interface under the old name.
  if (before.index !== after.index && !after.discontinuity) return 'interface replaced';
  return interval;
}

/** ifHighSpeed is in Mb/s, so ifSpeed is finer below its end, where ifHighSpeed rounds 64 kb/s to 0. */
function speedOf(table: Table, row: Row): number | null {
  const speed = numberOf(table.cell(row, IF.speed));
  const high = numberOf(table.cell(row, IF.high_speed));
  if (speed !== undefined && speed > 0 && speed < SPEED_SATURATED) return speed;
  if (high !== undefined && high > 0) return high * 1e6;
  return speed === SPEED_SATURATED ? speed : null;
}

/** ifIndex is one number from 1 up. */
function isIndex(index: string): boolean {
  return /^[1-9]\d{0,9}$/.test(index) && Number(index) <= 2 ** 31 - 1;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function typeOf(value: number | undefined): number | null {
  return value !== undefined && Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : null;
}
