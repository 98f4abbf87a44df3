import type { SnmpObservation } from '@guaita/model';
import { uptimeOf } from './counters.ts';
import { readExtra, type ExtraMemory } from './extra.ts';
import { carryOut, getInstances } from './fetch.ts';
import { HOST_COLUMNS, HOST_SCALARS, readHost } from './host.ts';
import {
  FALLBACK_COLUMNS,
  INTERFACE_COLUMNS,
  needsFallback,
  readInterfaces,
  type InterfaceMemory,
} from './interfaces.ts';
import { IF, SNMP_ENGINE_TIME, SYS_DESCR, SYS_NAME, SYS_UP_TIME } from './mib.ts';
import { DEFAULT_MAX_VARBINDS, ReadPlan, type AgentAbilities } from './plan.ts';
import type { ReadyProfile } from './profiles.ts';
import { readSensors, SENSOR_COLUMNS, sensorNameOids } from './sensors.ts';
import { SnmpError, type SnmpSession, type SnmpVersion, type Varbind } from './session.ts';
import { Table } from './table.ts';
import { readUps, UPS_COLUMNS, UPS_SCALARS } from './ups.ts';
import { given, numberOf, textOf } from './value.ts';

/** After so many polls what was learned of an agent is learned anew: it may have been mended, or it was a bad moment. */
const RELEARN_POLLS = 60;

/** A device that never answered is asked in the plainest form too, but only now and then: most are simply off. */
const DOUBT_POLLS = 10;

/** What is read of every agent, beside sysUpTime. */
export const SYSTEM_SCALARS: readonly string[] = [SYS_NAME, SYS_DESCR, SNMP_ENGINE_TIME];

/** What is remembered of a device between its polls. */
export interface DeviceMemory {
  polls: number;
  answered: boolean;
  abilities: AgentAbilities;
  /** Whether 32-bit columns and ifDescr are read: as needed, until it is known that they bring nothing. */
  fallback: 'unknown' | 'needed' | 'useless';
  interfaceRows: number | undefined;
  interfaces: InterfaceMemory;
  extra: ExtraMemory;
  sensorNames: ReadonlyMap<string, string>;
}

/** A device of which nothing is known. */
export function newMemory(version: SnmpVersion): DeviceMemory {
  return {
    polls: 0,
    answered: false,
    abilities: { bulk: version !== '1', max_varbinds: DEFAULT_MAX_VARBINDS },
    fallback: 'unknown',
    interfaceRows: undefined,
    interfaces: new Map(),
    extra: new Map(),
    sensorNames: new Map(),
  };
}

/** What a poll brought: an observation but for when, where and how it went. */
export type Readings = Omit<SnmpObservation, 'at' | 'address' | 'state' | 'reason'>;

/** One poll in the making. */
interface Poll {
  readonly session: SnmpSession;
  readonly profile: ReadyProfile;
  readonly memory: DeviceMemory;
  readonly monotonic_ms: () => number;
  readonly missing: Map<string, string>;
}

/**
 * Polls an agent for all that its profile asks for.
 *
 * @param memory of earlier polls; renewed in place, also when the poll fails half way.
 * @param wanted names of the interfaces to report; all when left out.
 * @throws {SnmpError} when the agent answers nothing.
 */
export async function pollAgent(
  session: SnmpSession,
  profile: ReadyProfile,
  memory: DeviceMemory,
  monotonic_ms: () => number,
  wanted?: readonly string[],
): Promise<Readings> {
  const { collect } = profile;
  if (memory.polls > 0 && memory.polls % RELEARN_POLLS === 0) {
    Object.assign(memory, {
      ...newMemory(session.version),
      answered: memory.answered,
      interfaces: memory.interfaces,
      extra: memory.extra,
    });
  }
  memory.polls += 1;
  const poll: Poll = { session, profile, memory, monotonic_ms, missing: new Map() };

  const { scalars, table, complete } = await readMain(poll);
  const interfaces = readInterfaces(table, memory.interfaces, wanted);
  // What a cut walk did not reach is still there: it keeps its sample.
  memory.interfaces = complete ? interfaces.memory : new Map([...memory.interfaces, ...interfaces.memory]);
  for (const field of interfaces.neverGiven) poll.missing.set(`interfaces.${field}`, 'the device does not count it');
  if (collect.has('interfaces') && complete && table.rows.size === 0) {
    poll.missing.set('interfaces', 'the device has none in IF-MIB, or does not show them to these credentials');
  }

  const side = await readSideTables(poll);
  const host = collect.has('host') ? readHost(scalars, side) : undefined;
  const ups = collect.has('ups') ? readUps(scalars, side) : undefined;
  const sensors = collect.has('sensors') ? readSensors(side, await sensorNames(poll, side)) : undefined;
  const extra = await readExtras(poll);

  const name = textOf(scalars.get(SYS_NAME)) ?? null;
  const description = textOf(scalars.get(SYS_DESCR)) ?? null;
  const uptime_s = uptimeOf(numberOf(scalars.get(SYS_UP_TIME)), numberOf(scalars.get(SNMP_ENGINE_TIME)));
  const found: Record<string, unknown> = { name, description, uptime_s, host, ups, sensors };
  for (const group of ['name', 'description', 'uptime_s', ...collect]) {
    if (group === 'interfaces' || poll.missing.has(group)) continue;
    if (found[group] === undefined || found[group] === null) poll.missing.set(group, 'the device does not give it');
  }
  return {
    uptime_s,
    name,
    description,
    interfaces: interfaces.interfaces,
    ...(host === undefined ? {} : { host }),
    ...(sensors === undefined ? {} : { sensors }),
    ...(ups === undefined ? {} : { ups }),
    ...(extra === undefined ? {} : { extra }),
    ...(poll.missing.size === 0 ? {} : { missing: Object.fromEntries(poll.missing) }),
  };
}

/** Reads the scalars and, in the same round trips, the interfaces. */
async function readMain(
  poll: Poll,
): Promise<{ scalars: ReadonlyMap<string, Varbind>; table: Table; complete: boolean }> {
  const { profile, memory, session, monotonic_ms } = poll;
  const { collect } = profile;
  const wantsInterfaces = collect.has('interfaces');
  const plan = newPlan(poll, {
    scalars: [
      ...SYSTEM_SCALARS,
      ...(collect.has('host') ? HOST_SCALARS : []),
      ...(collect.has('ups') ? UPS_SCALARS : []),
    ],
    columns: !wantsInterfaces
      ? []
      : memory.fallback === 'needed'
        ? [...INTERFACE_COLUMNS, ...FALLBACK_COLUMNS]
        : INTERFACE_COLUMNS,
    expectedRows: memory.interfaceRows,
  });
  const { answered, error } = await carryOut(session, plan, monotonic_ms);
  if (!answered) throw error ?? new SnmpError('the agent answered nothing');
  memory.answered = true;
  memory.abilities = plan.abilities;
  if (error !== undefined) poll.missing.set(wantsInterfaces ? 'interfaces' : 'scalars', `cut short: ${error.message}`);
  noteProblems(poll, plan, 'interfaces');
  const { scalars, table } = plan;
  if (!wantsInterfaces || error !== undefined) return { scalars, table, complete: !wantsInterfaces };
  memory.interfaceRows = table.rows.size;
  if (memory.fallback !== 'unknown' || !needsFallback(table)) return { scalars, table, complete: true };
  return { scalars, ...(await readFallback(poll, table)) };
}

/** Reads what an agent, or an interface, has in place of 64-bit counters and ifName; decides whether that is worth it. */
async function readFallback(poll: Poll, wide: Table): Promise<{ table: Table; complete: boolean }> {
  const { memory, session, monotonic_ms } = poll;
  const plan = newPlan(poll, { columns: FALLBACK_COLUMNS, expectedRows: memory.interfaceRows });
  const { error } = await carryOut(session, plan, monotonic_ms);
  memory.abilities = plan.abilities;
  noteProblems(poll, plan, 'interfaces');
  if (error !== undefined) {
    poll.missing.set('interfaces', `cut short: ${error.message}`);
    return { table: wide, complete: false };
  }
  memory.fallback = plan.table.rows.size === 0 ? 'useless' : 'needed';
  const table = new Table([...wide.columns, ...plan.table.columns]);
  for (const part of [wide, plan.table]) {
    for (const [index, row] of part.rows) {
      // Counters are as old as the answer that they came in.
      const counted =
        part === wide && part.cell(row, IF.in_octets) === undefined ? plan.table.rows.get(index) : undefined;
      for (const [position, varbind] of row.cells.entries()) {
        const at = part === wide ? position : position + wide.columns.length;
        if (varbind !== undefined) table.set(index, at, varbind, counted?.stamp ?? row.stamp);
      }
    }
  }
  memory.interfaceRows = table.rows.size;
  return { table, complete: true };
}

/** Reads the tables of host, sensors and power supply, all in the same round trips. */
async function readSideTables(poll: Poll): Promise<Table> {
  const { collect } = poll.profile;
  const columns = [
    ...(collect.has('host') ? HOST_COLUMNS : []),
    ...(collect.has('sensors') ? SENSOR_COLUMNS : []),
    ...(collect.has('ups') ? UPS_COLUMNS : []),
  ];
  if (columns.length === 0) return new Table([]);
  const plan = newPlan(poll, { columns });
  const { error } = await carryOut(poll.session, plan, poll.monotonic_ms);
  if (error === undefined) poll.memory.abilities = plan.abilities;
  else for (const group of collect) if (group !== 'interfaces') poll.missing.set(group, `cut short: ${error.message}`);
  noteProblems(poll, plan, 'tables');
  return plan.table;
}

/** Names of sensors, read once and then only for those that are new. */
async function sensorNames(poll: Poll, table: Table): Promise<ReadonlyMap<string, string>> {
  const sensors = new Table(SENSOR_COLUMNS);
  for (const [index, row] of table.rows) {
    const value = table.cell(row, SENSOR_COLUMNS[3]!);
    if (value !== undefined) sensors.set(index, 3, value, row.stamp);
  }
  const unknown = sensorNameOids(sensors).filter((oid) => !poll.memory.sensorNames.has(oid));
  if (unknown.length === 0) return poll.memory.sensorNames;
  const names = new Map(poll.memory.sensorNames);
  try {
    const found = await getInstances(poll.session, unknown);
    for (const oid of unknown) names.set(oid, textOf(found.get(oid)) ?? '');
    poll.memory.sensorNames = names;
  } catch (error) {
    if (!(error instanceof SnmpError)) throw error;
    poll.missing.set('sensors.names', error.message);
  }
  return names;
}

async function readExtras(poll: Poll): Promise<SnmpObservation['extra']> {
  const { profile, session, memory, missing } = poll;
  if (profile.extra.length === 0) return undefined;
  const uptime = `${SYS_UP_TIME}.0`;
  try {
    const found = await getInstances(session, [...new Set([uptime, ...profile.extra.map(({ oid }) => oid)])]);
    const ticks = given(found.get(uptime)) ? numberOf(found.get(uptime)) : undefined;
    const readings = readExtra(profile.extra, found, { local_ms: poll.monotonic_ms(), ticks }, memory.extra);
    memory.extra = readings.memory;
    for (const [name, reason] of readings.missing) missing.set(`extra.${name}`, reason);
    return readings.extra;
  } catch (error) {
    if (!(error instanceof SnmpError)) throw error;
    missing.set('extra', error.message);
    return undefined;
  }
}

function newPlan(
  { memory, profile }: Poll,
  what: { columns: readonly string[]; scalars?: readonly string[]; expectedRows?: number | undefined },
): ReadPlan {
  const { columns, scalars = [], expectedRows } = what;
  return new ReadPlan({
    columns,
    scalars,
    abilities: memory.abilities,
    doubtful: !memory.answered && memory.polls % DOUBT_POLLS === 1,
    ...(expectedRows === undefined ? {} : { expectedRows }),
    ...(profile.max_repetitions === undefined ? {} : { maxRepetitions: profile.max_repetitions }),
  });
}

function noteProblems({ missing }: Poll, plan: ReadPlan, group: string): void {
  for (const [oid, problem] of plan.problems) missing.set(`${group}.${oid}`, problem);
}
