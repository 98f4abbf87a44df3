import { ipFamily, isHostName, isId, normaliseId, type Checks, type Id, type Placement } from '@guaita/model';
import { checkDefaults, pingCheck, pingSetting, snmpCheck, snmpSetting, type Setting } from './checks.ts';
import type { Complaints } from './complaints.ts';
import { isMapping } from './mapping.ts';
import { placementOf, placementSetting, type PlacementSetting } from './placement.ts';
import { show, type Path } from './problem.ts';
import { fieldPath, type Entry, type Source } from './source.ts';

/** What an entry may stand for instead of one named device: parts of this host's own network, found at start. */
export const FINDS = ['self', 'gateway', 'resolvers'] as const;
export type Find = (typeof FINDS)[number];

/** An entry whose fields are right each for itself; how it goes together with the others is not looked at yet. */
export interface Draft {
  readonly source: Source;
  readonly entry: Entry;
  readonly id: Id | undefined;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly find: Find | undefined;
  /** As written: ids or names. */
  readonly parents: readonly string[];
  /** The parents come from the defaults, where they are complained of. */
  readonly parentsByDefault: boolean;
  readonly tags: readonly Id[];
  readonly checks: Checks;
  readonly placement: Placement | undefined;
}

interface Defaults {
  readonly ping: Setting;
  readonly snmp: Setting;
  readonly tags: readonly Id[];
  readonly parents: readonly string[];
  readonly placement: PlacementSetting;
}

const DEFAULT_KEYS = ['ping', 'snmp', 'tags', 'parents', 'placement'];
const ENTRY_KEYS = ['id', 'name', 'address', 'addresses', 'find', 'parents', 'tags', 'ping', 'snmp', 'placement'];

/** As many as the wire contract takes. */
const MAX_ADDRESSES = 16;
const MAX_NAME = 200;
/** Far above any use; without it one list that many aliases name could fill the memory. */
const MAX_LABELS = 64;

/** Checks every entry of a source by itself; one that is no device at all gives `undefined`. */
export function* draftsOf(source: Source): Generator<Draft | undefined, void, void> {
  const defaults = readDefaults(source);
  for (const entry of source.entries) yield readEntry(entry, source, defaults);
}

function readDefaults({ defaults: value, complaints }: Source): Defaults {
  const none: Defaults = { ping: undefined, snmp: undefined, tags: [], parents: [], placement: undefined };
  if (value === undefined || value === null) return none;
  if (!isMapping(value)) {
    complaints.error(['defaults'], `${show(value)} is not a mapping; give settings such as "ping: {interval_s: 30}"`);
    return none;
  }
  for (const key of Object.keys(value)) {
    if (!DEFAULT_KEYS.includes(key)) complaints.unknown(['defaults', key], key, 'default', DEFAULT_KEYS);
  }
  const complain = (kind: string) => (path: Path, message: string) =>
    complaints.error(['defaults', kind, ...path], message);
  const fields = new Fields(complaints, (path) => ['defaults', ...path], undefined);
  return {
    ping: checkDefaults('ping', pingSetting(value['ping'] ?? undefined, complain('ping')), complaints),
    snmp: checkDefaults('snmp', snmpSetting(value['snmp'] ?? undefined, complain('snmp')), complaints),
    tags: fields.tags(value['tags']),
    parents: fields.texts('parents', value['parents'], MAX_LABELS),
    placement: placementSetting(value['placement'], complain('placement')),
  };
}

function readEntry(entry: Entry, source: Source, defaults: Defaults): Draft | undefined {
  const { complaints } = source;
  const { value } = entry;
  const place = (path: Path): Path => fieldPath(entry, path);
  if (!isMapping(value)) {
    complaints.error(entry.path, `${show(value)} is no device; give "name:" and "address:"`, entry.line);
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (!ENTRY_KEYS.includes(key)) complaints.unknown(place([key]), key, 'key', ENTRY_KEYS, entry.line);
  }
  const fields = new Fields(complaints, place, entry.line);
  const find = fields.find(value['find']);
  const addresses = fields.addresses(value);
  const id = fields.id(value['id']);
  const name = fields.name(value['name']);
  if (find !== undefined && (value['address'] !== undefined || value['addresses'] !== undefined)) {
    fields.error(['find'], 'stands beside an address; keep one of the two');
  }
  if (find === undefined && value['find'] === undefined && addresses === undefined) {
    fields.error([], 'has no address; give "address:" with an IP address or host name');
  }
  const ownTags = fields.tags(value['tags']);
  const saysParents = value['parents'] !== undefined && value['parents'] !== null;
  const below = (kind: string) => (path: Path, message: string) => fields.error([kind, ...path], message);
  const pingGiven = pingSetting(value['ping'] ?? undefined, below('ping'));
  const ping = pingCheck(defaults.ping, pingGiven, below('ping'));
  const snmpGiven = snmpSetting(value['snmp'] ?? undefined, below('snmp'));
  const snmp = snmpCheck(defaults.snmp, snmpGiven, below('snmp'));
  const placement = placementOf(
    defaults.placement,
    placementSetting(value['placement'], below('placement')),
    below('placement'),
  );
  const pinged = (pingGiven ?? defaults.ping) !== false;
  if (!pinged && (snmpGiven ?? defaults.snmp ?? false) === false) {
    complaints.warn(entry.path, 'has neither ping nor snmp; nothing of it is watched', entry.line);
  }
  return {
    source,
    entry,
    id,
    name: name ?? id ?? find ?? addresses?.[0] ?? '',
    addresses: addresses ?? [],
    find,
    parents: saysParents ? fields.texts('parents', value['parents'], MAX_LABELS) : defaults.parents,
    parentsByDefault: !saysParents,
    tags: ownTags.length === 0 ? defaults.tags : [...new Set([...defaults.tags, ...ownTags])],
    checks: { ...(ping === undefined ? {} : { ping }), ...(snmp === undefined ? {} : { snmp }) },
    placement,
  };
}

/** Reads single fields and complains of them where they stand. An empty field (`null`) is one that is not given. */
class Fields {
  readonly #complaints: Complaints;
  readonly #place: (field: Path) => Path;
  readonly #line: number | undefined;

  constructor(complaints: Complaints, place: (field: Path) => Path, line: number | undefined) {
    this.#complaints = complaints;
    this.#place = place;
    this.#line = line;
  }

  error(field: Path, message: string): void {
    this.#complaints.error(this.#place(field), message, this.#line);
  }

  id(value: unknown): Id | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' && isId(value)) return value;
    const near = typeof value === 'string' || typeof value === 'number' ? normaliseId(`${value}`) : undefined;
    const mend = near === undefined ? 'give one of a-z, 0-9, ".", "_", "-"' : `write "${near}"`;
    this.error(['id'], `${show(value)} is not an id; ${mend}`);
    return undefined;
  }

  name(value: unknown): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') this.error(['name'], `${show(value)} is not text; put it in quotes`);
    else if (value.trim() === '') this.error(['name'], 'is empty; give the name that people know the device by');
    else if (value.length > MAX_NAME)
      this.error(['name'], `${show(value)} is longer than ${MAX_NAME} characters; shorten it`);
    else return value.trim();
    return undefined;
  }

  find(value: unknown): Find | undefined {
    if (value === undefined) return undefined;
    const found = FINDS.find((known) => known === value);
    if (found === undefined) this.error(['find'], `${show(value)} cannot be found; give one of ${FINDS.join(', ')}`);
    return found;
  }

  /** `undefined` when none is given; mistaken ones are left out. */
  addresses(value: Record<string, unknown>): string[] | undefined {
    const key = value['address'] === undefined ? 'addresses' : 'address';
    const given = value[key];
    if (given === undefined || given === null) return undefined;
    if (key === 'address' && value['addresses'] !== undefined) {
      this.error(['addresses'], 'is given beside "address"; put all addresses into one of the two');
    }
    const texts = Array.isArray(given) ? (given as unknown[]) : [given];
    if (texts.length === 0) this.error([key], 'is empty; give an IP address or host name');
    if (texts.length > MAX_ADDRESSES) {
      this.error([key], `has ${texts.length} addresses; give at most ${MAX_ADDRESSES}`);
      return [];
    }
    const addresses = texts.filter((text, index): text is string => {
      if (typeof text === 'string' && (isHostName(text) || ipFamily(text) !== undefined)) return true;
      this.error(Array.isArray(given) ? [key, index] : [key], `${show(text)} is not an IP address or host name`);
      return false;
    });
    return [...new Set(addresses)];
  }

  tags(value: unknown): Id[] {
    return this.texts('tags', value, MAX_LABELS).filter((tag, index): tag is Id => {
      if (isId(tag)) return true;
      const near = normaliseId(tag);
      this.error(
        ['tags', index],
        `${show(tag)} is not a tag; ${near === undefined ? 'take it out' : `write "${near}"`}`,
      );
      return false;
    });
  }

  /** A list of texts, or a single one, without repetitions. */
  texts(key: string, value: unknown, most: number): string[] {
    if (value === undefined || value === null) return [];
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    if (list.length > most) {
      this.error([key], `has ${list.length} entries; give at most ${most}`);
      return [];
    }
    const texts = list.filter((text, index): text is string => {
      if (typeof text === 'string' && text !== '') return true;
      // What an alias failed to name has been complained of.
      if (text === undefined) return false;
      const mend = typeof text === 'object' || text === '' ? 'give a list of names' : 'put it in quotes';
      this.error(Array.isArray(value) ? [key, index] : [key], `${show(text)} is not a name; ${mend}`);
      return false;
    });
    return [...new Set(texts)];
  }
}
