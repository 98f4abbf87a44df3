import { encodedTags_bytes } from '@guaita/serf';
import { byKey, type PublishedService } from '../services/published-service.ts';
import { isOurs, toCloudy, type CloudyHost } from './cloudy-record.ts';
import { pack, unpack, type RawRecord } from './packing.ts';

/** The tag by which Cloudy's nodes tell of their services. */
export const SERVICES_TAG = 'services';

/**
 * Whose services are told first where not all can be: what a person asked for, then where this host's page and broker
 * are; then those of all other sources alike.
 */
const FIRST_SOURCES = ['announcements', 'own'];
/** So many in a row that do not fit mean that none will: each try packs the whole tag, in a quarter of a millisecond. */
const TRIES = 64;

/** What is to be told, and where. */
export interface TagWish {
  readonly services: readonly PublishedService[];
  /** Whether every source has spoken since the start: until then nothing is withdrawn. */
  readonly complete: boolean;
  readonly host: CloudyHost;
  /** All tags that the member has now. */
  readonly tags: Readonly<Record<string, string>>;
  /** How many bytes all its tags may have together. */
  readonly room_bytes: number;
}

/** What comes of a wish. */
export interface TagPlan {
  /** What the tag is to be, or `null`: it is to go; `undefined`: it is as it should be. */
  readonly tag: string | null | undefined;
  /** For what there is no room, in the order in which it would come. */
  readonly leftOut: readonly PublishedService[];
}

/**
 * Works out what the tag is to be. Records of others stay as they are, and before ours; ours follow by priority as long
 * as there is room: by source (announcements, then Guaita's own, then the others), then by type and name. A record that
 * another one tells of already, at the same address and port, is not told twice.
 *
 * @throws {TagError} when what the tag holds now cannot be read: it may be somebody's, and is not overwritten.
 */
export function planTag({ services, complete, host, tags, room_bytes }: TagWish): TagPlan {
  const text = tags[SERVICES_TAG] ?? '';
  const there = text === '' ? [] : unpack(text);
  const others = there.filter((record) => !isOurs(record));
  const ours = there.filter(isOurs);
  const wishes = services
    .toSorted((a, b) => rank(a) - rank(b) || byKey(a, b))
    .map((service): Wish => ({ service, record: { ...toCloudy(service, host) } }));
  const taken = new Set(others.map(placeOf));
  // What stood there before the start keeps its place until all have spoken, unless it is told anew.
  const fresh = new Set(wishes.map(({ record }) => placeOf(record)));
  const old = complete ? [] : ours.filter((record) => !fresh.has(placeOf(record)));
  const told = new Set<string>();
  const chosen: RawRecord[] = [];
  const leftOut: PublishedService[] = [];
  let misfits = 0;
  for (const { service, record } of [...old.map((each): Wish => ({ service: undefined, record: each })), ...wishes]) {
    const line = JSON.stringify(record);
    if (taken.has(placeOf(record)) || told.has(line)) continue;
    const fits = misfits < TRIES && sizeWith(tags, [...others, ...chosen, record]) <= room_bytes;
    misfits = fits ? 0 : misfits + 1;
    if (fits) {
      told.add(line);
      chosen.push(record);
    } else if (service !== undefined) leftOut.push(service);
  }
  return { tag: isSame(ours, chosen) ? undefined : textOf([...others, ...chosen]), leftOut };
}

interface Wish {
  /** None for a record that only stood there before. */
  readonly service: PublishedService | undefined;
  readonly record: RawRecord;
}

function rank({ source }: PublishedService): number {
  const place = FIRST_SOURCES.indexOf(source);
  return place < 0 ? FIRST_SOURCES.length : place;
}

/** Where a service is. */
function placeOf({ s, i, p }: RawRecord): string {
  return JSON.stringify([s, i, p]);
}

/** Whether two lists have the same records, in whatever order: Cloudy's scripts turn it round when they add one. */
function isSame(a: readonly RawRecord[], b: readonly RawRecord[]): boolean {
  const texts = [a, b].map((records) => records.map((record) => JSON.stringify(record)).sort());
  return JSON.stringify(texts[0]) === JSON.stringify(texts[1]);
}

function textOf(records: readonly RawRecord[]): string | null {
  return records.length === 0 ? null : pack(records);
}

function sizeWith(tags: Readonly<Record<string, string>>, records: readonly RawRecord[]): number {
  return encodedTags_bytes(Object.entries({ ...tags, [SERVICES_TAG]: pack(records) }));
}
