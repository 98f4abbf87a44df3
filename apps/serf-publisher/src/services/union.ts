import type { ServiceRecord } from './service-record.ts';

/** What one source has. */
export interface Holding {
  readonly source: string;
  readonly services: readonly ServiceRecord[];
}

/** A service as one source has it. */
export interface Held {
  readonly source: string;
  readonly service: ServiceRecord;
}

/** Two services that differ and have one key. */
export interface Conflict {
  readonly type: string;
  readonly name: string;
  readonly counts: Held;
  readonly passedOver: readonly Held[];
}

export interface Union {
  /** Sorted by type and name, of which no two are the same. */
  readonly services: readonly ServiceRecord[];
  readonly conflicts: readonly Conflict[];
}

/** The key of a service, which is a string that no other service has. */
export function keyOf({ type, name }: Pick<ServiceRecord, 'type' | 'name'>): string {
  return `${type}/${name}`;
}

/**
 * What all sources have together. Of services with one key that differ, the one of the source that stands first counts, and
 * of one source's the one with the lowest port, address, and so on: who is asked in which order changes nothing.
 *
 * @param holdings the sources, those whose word counts more first
 */
export function unite(holdings: readonly Holding[]): Union {
  const all = holdings.flatMap(({ source, services }) => services.map((service) => ({ source, service })));
  const rank = new Map(holdings.map(({ source }, index) => [source, index]));
  const byKey = Map.groupBy(all, ({ service }) => keyOf(service));
  const services: ServiceRecord[] = [];
  const conflicts: Conflict[] = [];
  for (const [, held] of [...byKey].sort(([one], [other]) => compare(one, other))) {
    const [counts, ...others] = held.sort(
      (one, other) =>
        (rank.get(one.source) ?? 0) - (rank.get(other.source) ?? 0) ||
        one.service.port - other.service.port ||
        compare(fingerprint(one.service), fingerprint(other.service)),
    );
    if (counts === undefined) continue;
    services.push(counts.service);
    const passedOver = others.filter(({ service }) => !sameService(service, counts.service));
    const { type, name } = counts.service;
    if (passedOver.length > 0) conflicts.push({ type, name, counts, passedOver });
  }
  return { services, conflicts };
}

/** Tells whether two records say the same. */
export function sameService(one: ServiceRecord, other: ServiceRecord): boolean {
  return fingerprint(one) === fingerprint(other);
}

/** What a record says, with nothing left to chance. */
function fingerprint({ type, name, address, port, protocol, description, txt }: ServiceRecord): string {
  const facts = Object.entries(txt).sort(([one], [other]) => compare(one, other));
  return JSON.stringify([type, name, address, port, protocol, description, facts]);
}

/** By code units: the same everywhere, which the order of a language is not. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A conflict for people: the thing, the cause and the mend. */
export function describeConflict({ type, name, counts, passedOver }: Conflict): string {
  const place = ({ source, service }: Held): string => `${source} at ${service.address}:${service.port}`;
  return (
    `several services are ${type} ${name}: that of ${place(counts)} counts, not that of ` +
    `${passedOver.map(place).join(', ')}; give them different names`
  );
}
