import { DEFAULT_BASE, type Channel } from '@guaita/messages';

/** Reads everything and writes nothing: a person, a page, a health check. */
export const READER = 'watch';

const HEAD = `# What each user of the broker may do, one user per service. Generated from the wire contract by \`npm run acl\`.
# Every topic has one writer, and the broker holds everybody to that.
`;

/**
 * What a service says beyond what it is the writer of: Home Assistant has topics of its own, where that is switched on;
 * and whoever is an operator by the page or the API gives commands through storage.
 */
const BEYOND: Readonly<Record<string, readonly string[]>> = {
  alert: [`topic readwrite homeassistant/device/${DEFAULT_BASE}/+/config`, 'topic read homeassistant/status'],
  storage: [`topic write ${DEFAULT_BASE}/command/#`],
};

/** Mosquitto's access list for the services that write in these channels. */
export function mosquittoAcl(channels: readonly Channel[], services: readonly string[]): string {
  const users = services.map((service) => {
    const topics = channels
      .filter(({ definition: { writer } }) => writer === service || writer === 'every service')
      .map(({ definition: { path } }) => `topic write ${DEFAULT_BASE}/${filter(path, service)}`);
    return section(service, [`topic read ${DEFAULT_BASE}/#`, ...topics, ...(BEYOND[service] ?? [])]);
  });
  const reader = section(READER, [`topic read ${DEFAULT_BASE}/#`, 'topic read $SYS/#']);
  return [HEAD, ...users, reader].join('\n');
}

/** A channel's path with its parameters opened, but for the service's own name. */
function filter(path: string, service: string): string {
  return path.replace('{service}', service).replace(/\{\w+\}/g, '+');
}

function section(user: string, lines: readonly string[]): string {
  return `user ${user}\n${lines.join('\n')}\n`;
}
