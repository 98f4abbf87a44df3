import { readSite, siteHost, type Site, type SiteHost } from '@guaita/site';
import { readText } from './files.ts';
import { HostError } from './host-error.ts';

/** Which host this is: the name that Docker gives its node, or that somebody gives it. */
export const MONITOR_VARIABLE = 'GUAITA_MONITOR';

/**
 * The site, and this host in it.
 *
 * @param name this host's name, as `GUAITA_MONITOR` says it.
 * @throws {HostError} when there is no name, or no file.
 * @throws {ConfigError} when the file cannot be used.
 * @throws {UnknownHostError} when it does not have this host.
 */
export async function ownHost(file: string, name: string | undefined): Promise<{ site: Site; host: SiteHost }> {
  if (name === undefined || name === '') {
    throw new HostError(`${MONITOR_VARIABLE} is not set; set it to this host's name in ${file}`);
  }
  const site = readSite(await readText(file, 'mount the site.yaml of the site there'), file);
  return { site, host: siteHost(site, name) };
}
