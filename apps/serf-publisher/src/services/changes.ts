import type { PublishedService } from './published-service.ts';
import { keyOf, sameService } from './union.ts';

/** How one set of services differs from the one before it. */
export interface Changes {
  readonly added: readonly PublishedService[];
  /** As they are now. */
  readonly changed: readonly PublishedService[];
  /** As they were. */
  readonly removed: readonly PublishedService[];
}

/** What is other than before. Both sets have each key once. */
export function changesBetween(before: readonly PublishedService[], after: readonly PublishedService[]): Changes {
  const old = new Map(before.map((service) => [keyOf(service), service]));
  const added: PublishedService[] = [];
  const changed: PublishedService[] = [];
  for (const service of after) {
    const was = old.get(keyOf(service));
    old.delete(keyOf(service));
    if (was === undefined) added.push(service);
    else if (was.source !== service.source || !sameService(was, service)) changed.push(service);
  }
  return { added, changed, removed: [...old.values()] };
}

/** Tells whether anything is other than before. */
export function isChange({ added, changed, removed }: Changes): boolean {
  return added.length + changed.length + removed.length > 0;
}
