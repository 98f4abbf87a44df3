import { ipFamily, normaliseId } from '@guaita/model';
import { Complaints } from './complaints.ts';
import { isMapping } from './mapping.ts';
import { PLACEMENT_KEYS } from './placement.ts';
import { show, type Path } from './problem.ts';
import type { Entry, Source } from './source.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

/** Our own labels, beside those that Prometheus users have already. */
const OWN_PREFIX = '__guaita_';
const OWN_LABELS = [
  ...['id', 'name', 'parents', 'ping', 'ping_interval_s'],
  ...['snmp_profile', 'snmp_interval_s', 'snmp_port', 'snmp_interfaces'],
  ...PLACEMENT_KEYS,
].map((name) => OWN_PREFIX + name);

/** Which labels name a device and its SNMP profile, the first that is there. `__param_auth` is snmp_exporter's. */
const NAME_LABELS = [`${OWN_PREFIX}name`, 'name', 'instance'];
const PROFILE_LABELS = [`${OWN_PREFIX}snmp_profile`, 'snmp_profile', '__param_auth'];

/** Where the value of a field comes from; a field that is not here comes from the target. */
type LabelOf = ReadonlyMap<string, string>;

/** Reads Prometheus' file-based service discovery, YAML or JSON: a list of groups of `targets` and `labels`. */
export function readFileSd(text: string, file: string): Source {
  const complaints = new Complaints();
  return fileSdOf(readYaml(text, complaints), file, complaints);
}

/** The entries of a YAML or JSON document that has been read. */
export function fileSdOf(document: YamlDocument, file: string, complaints: Complaints): Source {
  const devices = new Map<string, MergedEntry>();
  const { value } = document;
  if (Array.isArray(value)) {
    for (const [index, group] of value.entries()) readGroup(group, [index], complaints, devices);
  } else if (value !== undefined || complaints.list.length === 0) {
    complaints.error(
      [],
      `${value === undefined || value === null ? 'is empty' : `${show(value)} is no file_sd`}; ${MEND}`,
    );
  }
  return { file, entries: [...devices.values()], complaints, locate: document.locate };
}

const MEND = 'give a list of groups, each with "targets:", or "[]" to watch nothing';

/** Several targets on one host (its exporters) are one device. */
interface MergedEntry extends Entry {
  readonly value: Record<string, unknown>;
}

function readGroup(group: unknown, path: Path, complaints: Complaints, devices: Map<string, MergedEntry>): void {
  if (!isMapping(group)) {
    complaints.error(
      path,
      `${show(group)} is no group; give "targets:" and "labels:"; devices go below "devices:" instead`,
    );
    return;
  }
  for (const key of Object.keys(group)) {
    if (key !== 'targets' && key !== 'labels')
      complaints.unknown([...path, key], key, 'key of a group', ['targets', 'labels']);
  }
  const targets = group['targets'];
  if (!Array.isArray(targets)) {
    complaints.error(
      [...path, 'targets'],
      `${targets === undefined ? 'is missing' : `${show(targets)} is not a list`}; give a list of addresses`,
    );
    return;
  }
  const labels = readLabels(group['labels'], [...path, 'labels'], complaints);
  const hosts = targets.map((target) => (typeof target === 'string' ? hostOf(target) : ''));
  const { fields, labelOf } = fieldsOf(labels, new Set(hosts).size <= 1, [...path, 'labels'], complaints);
  for (const [index, host] of hosts.entries()) {
    const at = [...path, 'targets', index];
    if (host === '') {
      complaints.error(at, `${show(targets[index])} is no target; give "host", "host:port" or a URL`);
      continue;
    }
    const known = devices.get(host);
    if (known !== undefined) {
      mergeInto(known.value, fields);
      continue;
    }
    const fieldPath = (field: Path): Path => {
      const label = labelOf.get(String(field[0]));
      return label === undefined ? at : [...path, 'labels', label];
    };
    devices.set(host, { value: { address: host, ...fields }, path: at, fieldPath });
  }
}

function readLabels(value: unknown, path: Path, complaints: Complaints): Map<string, string> {
  const labels = new Map<string, string>();
  if (value === undefined || value === null) return labels;
  if (!isMapping(value)) {
    complaints.error(path, `${show(value)} is not a mapping; give labels as "name: text"`);
    return labels;
  }
  for (const [label, text] of Object.entries(value)) {
    if (label.startsWith(OWN_PREFIX) && !OWN_LABELS.includes(label)) {
      complaints.unknown([...path, label], label, 'label of ours', OWN_LABELS);
    } else if (typeof text !== 'string')
      complaints.error([...path, label], `${show(text)} is not text; put it in quotes`);
    // To Prometheus an empty label is one that is not there.
    else if (text !== '') labels.set(label, text);
  }
  return labels;
}

/** Makes fields of a device of a group's labels. */
function fieldsOf(
  labels: ReadonlyMap<string, string>,
  single: boolean,
  path: Path,
  complaints: Complaints,
): { fields: Record<string, unknown>; labelOf: LabelOf } {
  const fields: Record<string, unknown> = {};
  const labelOf = new Map<string, string>();
  const used = new Set<string>();
  const give = (field: string, label: string | undefined, value: unknown): void => {
    if (label === undefined) return;
    fields[field] = value;
    labelOf.set(field, label);
    used.add(label);
  };
  for (const label of [`${OWN_PREFIX}id`, `${OWN_PREFIX}name`]) {
    if (single || !labels.has(label)) continue;
    complaints.error([...path, label], 'is given to several targets; make a group of each');
  }
  const naming = single ? NAME_LABELS.find((label) => labels.has(label)) : undefined;
  give('name', naming, labels.get(naming ?? ''));
  give('id', single && labels.has(`${OWN_PREFIX}id`) ? `${OWN_PREFIX}id` : undefined, labels.get(`${OWN_PREFIX}id`));
  const parents = labels.get(`${OWN_PREFIX}parents`);
  if (parents !== undefined) give('parents', `${OWN_PREFIX}parents`, splitList(parents));
  readChecks(labels, give);
  const rules = PLACEMENT_KEYS.filter((key) => labels.has(OWN_PREFIX + key));
  const placement = Object.fromEntries(rules.map((key) => [key, splitList(labels.get(OWN_PREFIX + key) ?? '')]));
  give('placement', rules[0] === undefined ? undefined : OWN_PREFIX + rules[0], placement);
  const tags = [...labels].filter(([label]) => !label.startsWith('__') && !used.has(label));
  const [first] = tags;
  if (first !== undefined)
    give(
      'tags',
      first[0],
      tags.flatMap(([label, text]) => normaliseId(`${label}-${text}`) ?? []),
    );
  return { fields, labelOf };
}

function readChecks(
  labels: ReadonlyMap<string, string>,
  give: (field: string, label: string | undefined, value: unknown) => void,
): void {
  const own = (name: string): string | undefined => labels.get(OWN_PREFIX + name);
  const interval = own('ping_interval_s');
  if (interval !== undefined) give('ping', `${OWN_PREFIX}ping_interval_s`, { interval_s: number(interval) });
  const ping = own('ping');
  if (ping !== undefined && (ping !== 'true' || interval === undefined)) {
    give('ping', `${OWN_PREFIX}ping`, ping === 'true' ? true : ping === 'false' ? false : ping);
  }
  const snmp: Record<string, unknown> = {};
  const profileLabel = PROFILE_LABELS.find((label) => labels.has(label));
  if (profileLabel !== undefined) snmp['profile'] = labels.get(profileLabel);
  for (const key of ['interval_s', 'port']) {
    const text = own(`snmp_${key}`);
    if (text !== undefined) snmp[key] = number(text);
  }
  const interfaces = own('snmp_interfaces');
  if (interfaces !== undefined) snmp['interfaces'] = splitList(interfaces);
  const label = profileLabel ?? OWN_LABELS.find((name) => name.startsWith(`${OWN_PREFIX}snmp_`) && labels.has(name));
  if (Object.keys(snmp).length > 0) give('snmp', label, snmp);
}

/** A second target of the same host adds its tags, and what the first did not say. */
function mergeInto(device: Record<string, unknown>, fields: Record<string, unknown>): void {
  const tags = [device['tags'], fields['tags']].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  for (const [field, value] of Object.entries(fields)) device[field] ??= value;
  if (tags.length > 0) device['tags'] = [...new Set(tags)];
}

/** The host of `host`, `host:port`, `[2001:db8::1]:9100` or `https://host/path`. */
function hostOf(target: string): string {
  // One colon stands before a port. Asking ipFamily of every target costs 100 µs where it is no address.
  if (target.indexOf(':') !== target.lastIndexOf(':') && ipFamily(target) !== undefined) return target;
  const authority = /^[a-z][a-z\d+.-]*:\/\/(?:[^/@]*@)?([^/?#]*)/i.exec(target)?.[1] ?? target;
  return /^\[([^\]]*)\](?::\d+)?$/.exec(authority)?.[1] ?? authority.replace(/:\d+$/, '');
}

function splitList(text: string): string[] {
  return text.split(text.includes('|') ? '|' : /[\s,]+/).map((part) => part.trim());
}

function number(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
