import {
  ipFamily,
  isHostName,
  NetworkSet,
  ID_MAX_LENGTH,
  normaliseId,
  PingCheck,
  SnmpCheck,
  type Id,
} from '@guaita/model';
import { show } from '../problem.ts';
import { oneLine, type ForeignDevice, type Harvest } from './harvest.ts';
import type { Profiles } from './profiles.ts';

/** As many as an inventory takes. */
const MAX_ADDRESSES = 16;
const MAX_TAGS = 64;

/** To every monitor these mean itself. */
const LOOPBACK = new NetworkSet(['127.0.0.0/8', '::1']);

/**
 * Makes entries of an inventory of what was harvested. What cannot be one is left out, with the reason; what had to be
 * changed is noted.
 */
export function carry(harvest: Harvest, profiles: Profiles): void {
  const ids = new Ids();
  const carried = harvest.devices.flatMap((device) => {
    const addresses = addressesOf(device, harvest);
    return addresses.length === 0 ? [] : [{ device, addresses, ...ids.give(device, addresses) }];
  });
  const byKey = new Map(carried.map(({ device, id }) => [device.key, id]));
  for (const { device, addresses, name, id } of carried) {
    const { place, snmp } = device;
    const value = {
      name,
      ...(normaliseId(name) === id ? {} : { id }),
      addresses,
      parents: parentsOf(device, byKey, harvest),
      tags: tagsOf(device),
      ping: pingOf(device),
      ...(snmp === undefined || profiles.off ? {} : { snmp: { profile: profiles.of(snmp, id), ...portOf(device) } }),
    };
    place.sheet.entries.push({ value, path: place.path, line: place.line, fieldPath: () => place.path });
  }
}

/** Gives each device an id of its own, made of its name. */
class Ids {
  readonly #given = new Set<Id>();
  /** The number to try next, or many devices of one name would each try all numbers. */
  readonly #next = new Map<Id, number>();

  give(device: ForeignDevice, addresses: readonly string[]): { name: string; id: Id } {
    const [address = ''] = addresses;
    const named = oneLine(device.name);
    const name = named === '' ? address : named;
    const wanted = normaliseId(name) ?? normaliseId(address) ?? 'device';
    const id = this.#free(wanted);
    const { sheet, path, line } = device.place;
    if (id !== wanted) {
      const message = `${show(name)} makes the id "${wanted}", which is given already; it becomes "${id}": rename one of them`;
      sheet.complaints.note(path, message, line);
    }
    if (named !== '' && name !== device.name.trim().replace(/\s+/g, ' ')) {
      sheet.complaints.note(path, `${show(device.name)} cannot be a name; it becomes ${show(name)}`, line);
    }
    this.#given.add(id);
    return { name, id };
  }

  #free(wanted: Id): Id {
    if (!this.#given.has(wanted)) return wanted;
    for (let number = this.#next.get(wanted) ?? 2; ; number += 1) {
      const suffix = `-${number}`;
      const id = `${wanted.slice(0, ID_MAX_LENGTH - suffix.length)}${suffix}`;
      if (this.#given.has(id)) continue;
      this.#next.set(wanted, number + 1);
      return id;
    }
  }
}

/** Those that can be watched; none, and said why, where there is none. */
function addressesOf({ kind, name, addresses, place }: ForeignDevice, harvest: Harvest): string[] {
  const given = [...new Set(addresses.map((text) => text.trim()).filter((text) => text !== ''))];
  const reasons: string[] = [];
  const good = given.filter((text) => {
    const reason = whyNoAddress(text);
    if (reason !== undefined) reasons.push(`${show(text)} ${reason}`);
    return reason === undefined;
  });
  if (good.length === 0) {
    harvest.leaveOut(kind, name, place, reasons[0] ?? 'has no address, so that nothing of it can be watched here');
  } else {
    for (const reason of reasons) harvest.leaveOut('address', `of ${name}`, place, reason);
  }
  const more = good.length - MAX_ADDRESSES;
  if (more > 0) harvest.leaveOut('address', `of ${name}`, place, `at most ${MAX_ADDRESSES} are taken`, more);
  return good.slice(0, MAX_ADDRESSES);
}

function whyNoAddress(text: string): string | undefined {
  if (LOOPBACK.has(text) || /^localhost(\.localdomain)?\.?$/i.test(text)) {
    return 'means each monitor itself here; give its address in the network';
  }
  if (ipFamily(text) !== undefined || isHostName(text)) return undefined;
  if (/^\{.*\}$/.test(text)) return 'is a macro; give the address in its place';
  return 'is not an IP address or host name; correct it there';
}

function parentsOf(
  { name, parents = [], place }: ForeignDevice,
  byKey: ReadonlyMap<string, Id>,
  harvest: Harvest,
): Id[] {
  const ids = parents.flatMap((key) => {
    const id = byKey.get(key);
    if (id !== undefined) return [id];
    harvest.leaveOut('parent', `${key} of ${name}`, place, 'it is not carried over; name another by hand');
    return [];
  });
  return [...new Set(ids)];
}

function tagsOf({ tags, name, place }: ForeignDevice): Id[] {
  const ids = [...new Set(tags.flatMap((tag) => normaliseId(tag) ?? []))];
  if (ids.length > MAX_TAGS) {
    place.sheet.complaints.note(
      place.path,
      `${show(name)} has ${ids.length} tags; the first ${MAX_TAGS} are kept`,
      place.line,
    );
  }
  return ids.slice(0, MAX_TAGS);
}

/** The settings that fit here; `true` where there are none. */
function pingOf({ ping = {}, name, place }: ForeignDevice): unknown {
  const given: Readonly<Record<string, unknown>> = { ...ping };
  const settings = Object.entries(given).filter(([key, value]) => {
    if (value === undefined) return false;
    if (PingCheck.partial().safeParse({ [key]: value }).success) return true;
    place.sheet.complaints.note(
      place.path,
      `${show(name)} has ${key} ${show(value)}, which does not fit; it is as by default`,
      place.line,
    );
    return false;
  });
  return settings.length === 0 ? true : Object.fromEntries(settings);
}

function portOf({ snmp, name, place }: ForeignDevice): { port?: number } {
  const port = SnmpCheck.shape.port.safeParse(snmp?.port === undefined ? undefined : Number(snmp.port));
  if (port.success) return port.data === 161 ? {} : { port: port.data };
  const message = `${show(name)} has the SNMP port ${show(snmp?.port)}, which is no port; it is 161 here`;
  place.sheet.complaints.note(place.path, message, place.line);
  return {};
}
