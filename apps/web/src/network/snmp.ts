import { each, fields, moment, number, text, type Fields } from './read.ts';

/** One interface in the newest poll. */
export interface InterfaceRow {
  readonly name: string;
  readonly alias: string | undefined;
  readonly admin: string | undefined;
  readonly oper: string | undefined;
  readonly speed_bps: number | undefined;
  readonly in_bps: number | undefined;
  readonly out_bps: number | undefined;
  /** Errors and discards of both directions; `undefined` where nothing is known of any. */
  readonly errors_per_s: number | undefined;
  /** Why there are no rates. */
  readonly unknown: string | undefined;
}

/** One poll of a device by SNMP. */
export interface Poll {
  readonly at_ms: number;
  readonly state: string;
  readonly reason: string | undefined;
  readonly facts: readonly (readonly [string, string])[];
  readonly uptime_s: number | undefined;
  readonly cpu_percent: number | undefined;
  readonly memoryUsed_percent: number | undefined;
  readonly interfaces: readonly InterfaceRow[];
  readonly sensors: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
}

/** Reads what a monitor says of its newest poll. */
export function readPoll(payload: string): Poll | undefined {
  let value: Fields | undefined;
  try {
    value = fields(JSON.parse(payload));
  } catch {
    return undefined;
  }
  const at_ms = moment(value?.['at']);
  if (value === undefined || at_ms === undefined) return undefined;
  const host = fields(value['host']);
  const total = number(host?.['memory_total_bytes']);
  const available = number(host?.['memory_available_bytes']);
  const facts = [
    ['Name', text(value['name'])],
    ['Description', text(value['description'])],
  ].filter((fact): fact is [string, string] => Boolean(fact[1]));
  return {
    ...{ at_ms, facts },
    state: text(value['state']) ?? 'unknown',
    reason: text(value['reason']),
    uptime_s: number(value['uptime_s']),
    cpu_percent: number(host?.['cpu_percent']),
    memoryUsed_percent: total && available !== undefined ? ((total - available) / total) * 100 : undefined,
    interfaces: named(value['interfaces'], readInterface),
    sensors: named(value['sensors'], (sensor, name) => {
      const reading = number(sensor['value']);
      return reading === undefined
        ? undefined
        : { name, value: reading, unit: (text(sensor['unit']) ?? '').replaceAll('_', ' ') };
    }),
  };
}

function named<Read>(value: unknown, read: (entry: Fields, name: string) => Read | undefined): Read[] {
  const entries = Object.entries(fields(value) ?? {});
  return each(
    entries.map(([name, entry]) => ({ name, entry })),
    ({ name, entry }) => {
      const entryFields = fields(entry);
      return entryFields === undefined ? undefined : read(entryFields, text(name) ?? '');
    },
  );
}

const ERRORS = ['in_errors_per_s', 'out_errors_per_s', 'in_discards_per_s', 'out_discards_per_s'] as const;

function readInterface(value: Fields, name: string): InterfaceRow {
  const errors = ERRORS.flatMap((key) => number(value[key]) ?? []);
  return {
    name,
    alias: text(value['alias']) || undefined,
    admin: text(value['admin']),
    oper: text(value['oper']),
    speed_bps: number(value['speed_bps']),
    in_bps: number(value['in_bps']),
    out_bps: number(value['out_bps']),
    errors_per_s: errors.length === 0 ? undefined : errors.reduce((sum, rate) => sum + rate, 0),
    unknown: text(value['rates_unknown']),
  };
}
