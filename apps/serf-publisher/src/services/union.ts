import { compareTexts, type PublishedService } from './published-service.ts';
import type { ServiceRecord } from './service-record.ts';

/** What one source has. */
export interface Holding {
  readonly source: string;
  readonly services: readonly ServiceRecord[];
}

/** Services that differ and have one key. */
export interface Conflict {
  readonly counts: PublishedService;
  readonly passedOver: readonly PublishedService[];
}

export interface Union {
  /** Sorted by type and name, of which no two are the same. */
  readonly services: readonly PublishedService[];
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
  const all = holdings.flatMap(({ source, services }) => services.map((service) => ({ ...service, source })));
  const rank = new Map(holdings.map(({ source }, index) => [source, index]));
  const services: PublishedService[] = [];
  const conflicts: Conflict[] = [];
  for (const [, rivals] of [...Map.groupBy(all, keyOf)].sort(([one], [other]) => compareTexts(one, other))) {
    const [counts, ...others] = rivals.sort(
      (one, other) =>
        (rank.get(one.source) ?? 0) - (rank.get(other.source) ?? 0) ||
        one.port - other.port ||
        compareTexts(fingerprint(one), fingerprint(other)),
    );
    if (counts === undefined) continue;
    services.push(counts);
    const passedOver = others.filter((other) => !sameService(other, counts));
    if (passedOver.length > 0) conflicts.push({ counts, passedOver });
  }
  return { services, conflicts };
}

/** Tells whether two services are the same to whoever is told of them, whichever source has them. */
export function sameService(one: ServiceRecord, other: ServiceRecord): boolean {
  return fingerprint(one) === fingerprint(other);
}

/** What a record says, with nothing left to chance. */
function fingerprint({ type, name, address, port, protocol, description, txt }: ServiceRecord): string {
  const facts = Object.entries(txt).sort(([one], [other]) => compareTexts(one, other));
  return JSON.stringify([type, name, address, port, protocol, description, facts]);
}

/** A conflict for people: the thing, the cause and the mend. */
export function describeConflict({ counts, passedOver }: Conflict): string {
  const place = ({ source, address, port }: PublishedService): string => `${source} at ${address}:${port}`;
  return (
    `several services are ${counts.type} ${counts.name}: that of ${place(counts)} counts, not that of ` +
    `${passedOver.map(place).join(', ')}; give them different names`
  );
}
