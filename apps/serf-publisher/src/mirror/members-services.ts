import type { FoundService } from '@guaita/messages';
import { ID_MAX_LENGTH, ipFamily, isHostName, normaliseId, type Id } from '@guaita/model';
import { onOneLine, serviceType } from '../services/names.ts';
import { compareTexts } from '../services/published-service.ts';
import { isOurs, readTag, type CloudyRecord } from '../tag/cloudy-record.ts';
import { TagError } from '../tag/tag-error.ts';

/** A service of a member as MQTT is told of it. */
export interface MirroredService {
  readonly type: Id;
  /** Under which it is told: the member and the port. */
  readonly name: Id;
  readonly service: FoundService;
}

/** What a member's tag says, and what of it is not told. */
export interface TagReading {
  readonly services: readonly MirroredService[];
  readonly remarks: readonly string[];
}

/** Who speaks by a tag. */
export interface Speaker {
  readonly id: Id;
  /** As Serf knows it. */
  readonly name: string;
  /** Whether it is this host's agent: what we put into its tag ourselves is told elsewhere already. */
  readonly isSelf: boolean;
}

/** A tag holds some thirty records; one that is packed to hold more repeats itself. */
const SERVICES_MOST = 64;
const ATTRIBUTES_MOST = 16;
/** By these we tell others, in the attributes, what their format has no field for. */
const OWN_ATTRIBUTES = new Set(['by', 'proto']);

/**
 * The services that a member tells of by its tag. Whatever is in the tag, it costs little: what cannot be read, or is no
 * service, is left out and named.
 */
export function servicesOf(speaker: Speaker, tag: string): TagReading {
  const who = `Serf member ${JSON.stringify(onOneLine(speaker.name))}`;
  let records: readonly CloudyRecord[];
  try {
    records = readTag(tag);
  } catch (error) {
    if (!(error instanceof TagError)) throw error;
    return { services: [], remarks: [`${who}: ${error.message}; its services are not told of`] };
  }
  const remarks: string[] = [];
  const found: FoundService[] = [];
  const foreign = speaker.isSelf ? records.filter((record) => !isOurs({ ...record })) : records;
  for (const record of foreign) {
    const service = serviceOf(record, speaker);
    if (typeof service !== 'string') found.push(service);
    else remarks.push(`${who}: its service ${JSON.stringify(onOneLine(record.s))} ${service}; it is not told of`);
  }
  const services = apart(found, speaker.id);
  if (services.length > SERVICES_MOST) {
    remarks.push(`${who}: tells of ${services.length} services, of which ${SERVICES_MOST} are told on`);
  }
  return { services: services.slice(0, SERVICES_MOST), remarks };
}

/** @returns the service, or what stands against it. */
function serviceOf({ s, d, i, p, t }: CloudyRecord, { name }: Speaker): FoundService | string {
  const type = serviceType(s);
  if (type === undefined) return 'has no type that can be told';
  if (ipFamily(i) === undefined && !isHostName(i)) return 'has no address';
  const port = /^\d{1,5}$/.test(p) ? Number(p) : 0;
  if (port < 1 || port > 65_535) return 'has no port';
  // Cloudy's scripts put a space where a `&` was.
  const attributes = t.split(/[& ]/).filter((each) => each !== '');
  const pairs = attributes
    .map((each) => /^([^=]*)=?(.*)$/s.exec(each))
    .map((match) => [match?.[1], match?.[2]] as const);
  const txt = pairs.flatMap(([key = '', value = '']): [string, string][] =>
    key === '' || key === '__proto__' || OWN_ATTRIBUTES.has(key) ? [] : [[onOneLine(key), onOneLine(value)]],
  );
  return {
    type,
    name: '',
    address: i,
    port,
    protocol: pairs.some(([key, value]) => key === 'proto' && value === 'udp') ? 'udp' : 'tcp',
    description: onOneLine(d),
    txt: Object.fromEntries(txt.slice(0, ATTRIBUTES_MOST)),
    node: onOneLine(name),
    source: 'serf',
  };
}

/**
 * Names services by member and port, and, where several have one name, by protocol and then by address as well. What is at
 * one place twice is told once. In whatever order they stand in the tag, which Cloudy's scripts turn round, the names are
 * the same.
 */
function apart(found: readonly FoundService[], member: Id): MirroredService[] {
  const places = new Map<string, FoundService>();
  for (const service of found.toSorted((one, other) => compareTexts(JSON.stringify(one), JSON.stringify(other)))) {
    const { type, address, port, protocol } = service;
    const place = JSON.stringify([type, address, port, protocol]);
    if (!places.has(place)) places.set(place, service);
  }
  const endings: ((service: FoundService) => string)[] = [
    ({ port }) => `-${port}`,
    ({ port, protocol }) => `-${port}-${protocol}`,
    ({ port, protocol, address }) => `-${port}-${protocol}-${normaliseId(address) ?? ''}`,
  ];
  const services = [...places.values()];
  return services.map((service) => {
    const alike = services.filter(({ type }) => type === service.type);
    const ending = endings.find((end) => alike.every((other) => other === service || end(other) !== end(service)));
    const name = withEnding(member, ending?.(service) ?? `-${service.port}`);
    return { type: service.type, name, service: { ...service, name } };
  });
}

function withEnding(member: Id, ending: string): Id {
  return `${member.slice(0, Math.max(1, ID_MAX_LENGTH - ending.length))}${ending}`.slice(0, ID_MAX_LENGTH);
}
