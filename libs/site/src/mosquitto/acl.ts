import { channels, DEFAULT_BASE } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { peersOf } from '../host.ts';
import type { Site, SiteHost } from '../site.ts';
import { OPERATOR, peerUser, READER, SERVICES } from './users.ts';

/**
 * What a service says beyond what it is the writer of. assign takes away what a monitor left that is forgotten, which is
 * none of the site's by then. Home Assistant has topics of its own, where that is switched on. And whoever is an operator
 * by the page or the API gives commands through storage.
 */
const BEYOND: Readonly<Record<string, readonly string[]>> = {
  assign: [channels.status, channels.claims, channels.intents, channels.receivers].map(
    ({ definition: { path } }) => `topic write ${topicFilter(path)}`,
  ),
  alert: [`topic readwrite homeassistant/device/${DEFAULT_BASE}/+/config`, 'topic read homeassistant/status'],
  storage: [`topic write ${DEFAULT_BASE}/command/#`],
};

const READ_ALL = `topic read ${DEFAULT_BASE}/#`;

/**
 * Mosquitto's access list for one host's broker, of the wire contract: every topic has one writer, and the broker holds
 * everybody to that. A service writes its own channels, of this monitor alone; a peer's bridge writes below its own
 * monitor and reads nothing.
 */
export function mosquittoAcl(site: Site, host: SiteHost): string {
  const head = `# What each user of the broker of ${host.id} may do, made of site.yaml and of the wire contract.\n`;
  const services = SERVICES.map((service) =>
    section(service, [READ_ALL, ...ownTopics(service, host.id), ...(BEYOND[service] ?? [])]),
  );
  const people = [
    section(READER, [READ_ALL, 'topic read $SYS/#']),
    section(OPERATOR, [READ_ALL, 'topic read $SYS/#', `topic write ${DEFAULT_BASE}/command/#`]),
  ];
  const peers = peersOf(site, host).map(({ id }) =>
    section(peerUser(id), [`topic write ${DEFAULT_BASE}/monitor/${id}/#`]),
  );
  return [head, ...services, ...people, ...peers].join('\n');
}

/** The topics that a service is the writer of, at one monitor. */
function ownTopics(service: string, monitor: Id): string[] {
  return Object.values(channels)
    .map(({ definition }) => definition)
    .filter(({ writer }) => writer === service || writer === 'every service')
    .map(({ path, scope }) => {
      // What is computed for this broker's audience is of any monitor.
      const own = scope === 'local' ? path : path.replace('{monitor}', monitor);
      return `topic write ${topicFilter(own.replace('{service}', service))}`;
    });
}

/** A channel's path with its parameters opened. */
function topicFilter(path: string): string {
  return `${DEFAULT_BASE}/${path.replace(/\{\w+\}/g, '+')}`;
}

function section(user: string, lines: readonly string[]): string {
  return `user ${user}\n${lines.join('\n')}\n`;
}
