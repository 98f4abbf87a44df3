import { compareTexts } from '../services/published-service.ts';
import type { ServiceRecord } from '../services/service-record.ts';
import { unpack, type RawRecord } from './packing.ts';
import { TagError } from './tag-error.ts';

/** A service as Cloudy's nodes tell one another of it; each field is a text there. docs/cloudy-tag.md says more. */
export interface CloudyRecord {
  /** Its type. */
  readonly s: string;
  /** Its description. */
  readonly d: string;
  /** The name of the host. */
  readonly m: string;
  /** The address. */
  readonly i: string;
  /** The port. */
  readonly p: string;
  /** The microcloud. */
  readonly e: string;
  /** Further attributes: `a=1&b=2`. */
  readonly t: string;
}

/** Where the services are that this publisher tells of. */
export interface CloudyHost {
  /** The host's name in the community network, such as `pi3.guifi.local`. */
  readonly host: string;
  /** The microcloud that it belongs to; may be empty. */
  readonly microcloud: string;
}

const FIELDS = ['s', 'd', 'm', 'i', 'p', 'e', 't'] as const;
/** No text is longer: a tag has 372 bytes for all, packed. */
const FIELD_LONGEST = 1_024;
/** What a row of a table shows. */
const DESCRIPTION_LONGEST = 48;
/** By this attribute we know our own records again; see docs/cloudy-tag.md. */
const MARK = 'by=guaita';
/** What Cloudy's scripts break at when they add a record to those that are there: white space, quotes, backslashes. */
const BREAKING = /[\s\p{Cc}'"\\]+/gu;

/** The record of a service. */
export function toCloudy(service: ServiceRecord, { host, microcloud }: CloudyHost): CloudyRecord {
  const { type, name, address, port, protocol, description, txt } = service;
  const attributes = Object.entries(txt).sort(([a], [b]) => compareTexts(a, b));
  // Cloudy knows no protocol: each of its own services speaks TCP.
  if (protocol === 'udp') attributes.unshift(['proto', 'udp']);
  const told = attributes.map(([key, value]) => {
    const words = [key.replaceAll('=', '_'), ...(value === '' ? [] : [value])];
    return words.map((word) => clean(word).replaceAll('&', '_')).join('=');
  });
  return {
    s: clean(type),
    d: [...clean(description.trim() || name)].slice(0, DESCRIPTION_LONGEST).join(''),
    m: clean(host),
    i: clean(address),
    p: String(port),
    e: clean(microcloud),
    t: [...told, MARK].join('&'),
  };
}

/** Whether this publisher has made a record, in this or a former run. */
export function isOurs({ t }: RawRecord): boolean {
  // Cloudy's scripts put a space where a `&` was.
  return typeof t === 'string' && t.split(/[& ]/).includes(MARK);
}

/**
 * The services that a node tells of in its tag.
 *
 * @throws {TagError} when it is no such tag, or a record lacks something or holds what it cannot.
 */
export function readTag(text: string): CloudyRecord[] {
  return unpack(text).map((raw, index) => {
    const texts = FIELDS.map((field) => {
      // Some tools write the port as a number.
      const value = field === 'p' && typeof raw[field] === 'number' ? String(raw[field]) : raw[field];
      const where = `record ${index + 1}: "${field}"`;
      if (value === undefined) throw new TagError('record', `${where} is missing`);
      if (typeof value !== 'string') throw new TagError('record', `${where} is no text`);
      if (value.length > FIELD_LONGEST) throw new TagError('record', `${where} is longer than ${FIELD_LONGEST}`);
      return [field, value] as const;
    });
    return Object.fromEntries(texts) as unknown as CloudyRecord;
  });
}

function clean(text: string): string {
  return text.toWellFormed().replace(BREAKING, '_');
}
