import type { FoundService } from '@guaita/messages';
import type { MirroredService } from '../mirror/members-services.ts';
import { compareTexts } from './published-service.ts';
import { keyOf, sameService, type Conflict } from './union.ts';

/** What the audience of a broker is told. */
export interface AudienceServices {
  /** Of which no two have one key. */
  readonly services: readonly FoundService[];
  /** Those of several hosts that are called alike, though they may be different ones. */
  readonly conflicts: readonly Conflict[];
}

/** As on one host: what somebody said before what somebody runs. */
const SOURCES: readonly string[] = ['own', 'announcements', 'swarm', 'kubernetes'];
/** Every host that asks one of these is told of the same services: called alike, they are one that is reached at each. */
const ORCHESTRATORS: readonly string[] = ['swarm', 'kubernetes'];

/**
 * What all hosts on a broker have by their own sources, and the members of the Serf cluster by their tags. Of services with one
 * key the one of the source that counts more counts, and then that of the lowest monitor, whoever's turn it is to tell; a
 * member's counts only where no host has one. What a host has, and a member's tag tells of at the same place, is told once.
 */
export function acrossHosts(hosts: readonly FoundService[], members: readonly MirroredService[]): AudienceServices {
  const services = new Map<string, FoundService>();
  const conflicts: Conflict[] = [];
  for (const [key, rivals] of Map.groupBy(hosts, keyOf)) {
    const [counts, ...others] = rivals.toSorted(
      (one, other) => rankOf(one) - rankOf(other) || compareTexts(one.node, other.node),
    );
    if (counts === undefined) continue;
    services.set(key, counts);
    const passedOver = others.filter((other) => !sameService(other, counts) && !isOfOneOrchestrator(other, counts));
    if (passedOver.length > 0) conflicts.push({ counts: withHost(counts), passedOver: passedOver.map(withHost) });
  }
  const places = new Set(hosts.map(placeOf));
  for (const { service } of members) {
    const key = keyOf(service);
    if (!services.has(key) && !places.has(placeOf(service))) services.set(key, service);
  }
  return { services: [...services.values()], conflicts };
}

function rankOf({ source }: FoundService): number {
  const rank = SOURCES.indexOf(source);
  return rank < 0 ? SOURCES.length : rank;
}

function isOfOneOrchestrator(one: FoundService, other: FoundService): boolean {
  return one.source === other.source && ORCHESTRATORS.includes(one.source);
}

/** For people: `announcements of pi-2`. */
function withHost(service: FoundService): FoundService {
  return { ...service, source: `${service.source} of ${service.node}` };
}

function placeOf({ type, address, port, protocol }: FoundService): string {
  return JSON.stringify([type, address, port, protocol]);
}
