import { PingCheck, SnmpCheck } from '@guaita/model';
import { z } from 'zod';
import type { Complaints } from './complaints.ts';
import { isMapping } from './mapping.ts';
import { show, type Path } from './problem.ts';

/** What is said of a check where it may be left to the defaults: settings, `true` (as the defaults say), `false` (off). */
export type Setting = Record<string, unknown> | boolean | undefined;

/** More than that is a mistake of a generator, and would be copied into every device that the defaults reach. */
const MAX_INTERFACES = 4096;

const Ping = z.strictObject(PingCheck.shape);
const Snmp = z.strictObject({
  ...SnmpCheck.shape,
  interfaces: SnmpCheck.shape.interfaces.unwrap().max(MAX_INTERFACES).optional(),
});

/** The names of the settings of each check. */
export const PING_KEYS = Object.keys(Ping.shape);
export const SNMP_KEYS = Object.keys(Snmp.shape);

/** Reads what stands under `ping`. */
export function pingSetting(value: unknown, complain: Complain): Setting {
  if (value === undefined || typeof value === 'boolean' || isMapping(value)) return value;
  complain([], `${show(value)} is no setting; give true, false or settings such as {interval_s: 30}`);
  return undefined;
}

/** Reads what stands under `snmp`: a single name is the profile's. */
export function snmpSetting(value: unknown, complain: Complain): Setting {
  if (value === undefined || typeof value === 'boolean' || isMapping(value)) return value;
  if (typeof value === 'string') return { profile: value };
  complain([], `${show(value)} is no setting; give a profile's name, false or settings such as {profile: home}`);
  return undefined;
}

/** Told of a mistake at a path below the check. */
export type Complain = (path: Path, message: string) => void;

/** Ping: on unless turned off. Gives `undefined` when off, or wrong and complained of. */
export function pingCheck(defaults: Setting, own: Setting, complain: Complain): PingCheck | undefined {
  const setting = own === undefined ? defaults : own;
  if (setting === false) return undefined;
  return parse(Ping, merged(defaults, own), PING_KEYS, complain);
}

/** SNMP: off unless a profile is named. */
export function snmpCheck(defaults: Setting, own: Setting, complain: Complain): SnmpCheck | undefined {
  const setting = own === undefined ? defaults : own;
  if (setting === undefined || setting === false) return undefined;
  const settings = merged(defaults, own);
  if (settings['profile'] === undefined || settings['profile'] === null) {
    complain([], 'names no profile; give "profile:" with the name of a credentials profile of the snmp service');
    return undefined;
  }
  return parse(Snmp, settings, SNMP_KEYS, complain);
}

function merged(defaults: Setting, own: Setting): Record<string, unknown> {
  return { ...(isMapping(defaults) ? defaults : {}), ...(isMapping(own) ? own : {}) };
}

/** Checks the settings that defaults may hold, without asking for those that every check must have in the end. */
export function checkDefaults(kind: 'ping' | 'snmp', value: Setting, complaints: Complaints): Setting {
  if (!isMapping(value)) return value;
  const before = complaints.list.length;
  const complain: Complain = (path, message) => complaints.error(['defaults', kind, ...path], message);
  if (kind === 'ping') parse(Ping, value, PING_KEYS, complain);
  else parse(Snmp.partial({ profile: true }), value, SNMP_KEYS, complain);
  // Wrong defaults are said once, not again for every device.
  return complaints.list.length === before ? value : undefined;
}

function parse<Output>(
  schema: z.ZodType<Output>,
  value: Record<string, unknown>,
  known: readonly string[],
  complain: Complain,
): Output | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        complain([...path, key], `${show(key)} is no known key; known are ${known.join(', ')}`);
    } else complain(path, issueText(issue, at(value, path)));
  }
  return undefined;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string | number, unknown> | undefined)?.[key], value);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
};

/** Says a schema's complaint in our words, with what would be right. */
function issueText(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${show(value)} is not ${KINDS[issue.expected] ?? issue.expected}; correct it`;
    case 'too_small':
      return `${show(value)} is too ${issue.origin === 'string' ? 'short' : 'small'}; at least ${issue.minimum} is needed`;
    case 'too_big':
      return `${show(value)} is too big; at most ${issue.maximum}${issue.origin === 'array' ? ' entries' : ''} is allowed`;
    case 'invalid_value':
      return `${show(value)} is not known here; give ${issue.values.map((known) => `"${String(known)}"`).join(', ')}`;
    default:
      return `${show(value)} ${issue.message}`;
  }
}
