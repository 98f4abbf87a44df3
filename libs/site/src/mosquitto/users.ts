import type { Id } from '@guaita/model';

/** The services, each a user of its own at its host's broker. */
export const SERVICES = ['assign', 'ping', 'snmp', 'alert', 'storage', 'serf-publisher'] as const;

/** Reads everything and writes nothing: a person, a page, a health check. */
export const READER = 'watch';

/** Reads everything and gives commands. */
export const OPERATOR = 'operator';

/** By which a monitor's bridges come in at its peers. */
export function peerUser(monitor: Id): string {
  return `peer-${monitor}`;
}
