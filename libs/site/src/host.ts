import { normaliseId } from '@guaita/model';
import type { Site, SiteHost } from './site.ts';

/** A host that the site does not have. */
export class UnknownHostError extends Error {
  override readonly name = 'UnknownHostError';

  constructor(site: Site, name: string) {
    const known = site.hosts.map((host) => JSON.stringify(host.name)).join(', ');
    super(
      `site ${site.site} has no host ${JSON.stringify(name)}, only ${known}; ` +
        'add it to hosts in site.yaml, or correct the name there or at the host',
    );
  }
}

/**
 * The host of a site by its name, as ids are made of it.
 *
 * @throws {UnknownHostError} with those that are known.
 */
export function siteHost(site: Site, name: string): SiteHost {
  const id = normaliseId(name);
  const found = site.hosts.find((host) => host.id === id);
  if (found === undefined) throw new UnknownHostError(site, name);
  return found;
}

/** The other hosts of a host's site. */
export function peersOf(site: Site, { id }: SiteHost): SiteHost[] {
  return site.hosts.filter((host) => host.id !== id);
}
