import type { DeviceView, MonitorView as Known } from '@guaita/cluster';
import { channels, type MonitorView } from '@guaita/messages';
import { COMMAND, type Device, type Id } from '@guaita/model';

/** What this monitor's services are told of a device that it watches: never a secret, SNMP only when it is to poll. */
export function assignedPayload({ name, addresses, checks: { snmp, ...checks } }: Device, polls: boolean): string {
  return channels.assigned.encode({
    name,
    addresses,
    checks: { ...checks, ...(polls && snmp !== undefined ? { snmp } : {}) },
  });
}

/**
 * What the broker's audience is told of a device.
 *
 * @param file the own inventory file in which it stands.
 */
export function specPayload(
  { device, feeders, planned, held, leaving, claims }: DeviceView,
  self: Id,
  file?: string,
): string {
  return channels.spec.encode({
    ...device,
    source: sourceOf(feeders, self, file),
    monitors: [...held],
    planned: [...planned],
    leaving: [...leaving],
    claims: [...claims],
    feeders: [...feeders],
  });
}

function sourceOf(feeders: readonly Id[], self: Id, file: string | undefined): string {
  if (file !== undefined && feeders.includes(self)) return file;
  const other = feeders.find((feeder) => feeder !== COMMAND);
  return other === undefined ? COMMAND : `the inventory of ${other}`;
}

/**
 * What the broker's audience is told of a monitor.
 *
 * @param troubles what an operator should know of; of the speaking monitor itself.
 */
export function monitorPayload(known: Known, troubles: readonly string[], at_ms: number): string {
  const { held, leaving, links, tags } = known;
  const view: MonitorView = {
    ...known,
    devices: held + leaving,
    links: [...links],
    tags: [...tags],
    ...(troubles.length === 0 ? {} : { troubles: [...troubles] }),
    at: new Date(at_ms).toISOString(),
  };
  return channels.cluster.encode(view);
}
