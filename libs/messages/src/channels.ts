import { PingObservation, SnmpObservation } from '@guaita/model';
import type { z } from 'zod';
import { Channel, type ChannelDefinition } from './channel.ts';
import { Assigned, DeviceSpec, MonitorView, Presence, Probing, ServiceStatus } from './payloads.ts';

function channel<const Path extends string, Schema extends z.ZodType>(definition: ChannelDefinition<Path, Schema>) {
  return new Channel(definition);
}

/** Every topic of the wire contract, by name. */
export const channels = {
  service: channel({
    name: 'service',
    path: 'monitor/{monitor}/service/{service}',
    writer: 'every service',
    scope: 'bridged',
    retained: true,
    qos: 1,
    will: true,
    description: 'Whether a service of a monitor runs.',
    payload: ServiceStatus,
  }),
  ping: channel({
    name: 'ping',
    path: 'monitor/{monitor}/ping/{device}',
    writer: 'ping',
    scope: 'bridged',
    retained: true,
    qos: 1,
    expiry: { intervals: 3 },
    clearable: true,
    measurement: true,
    description: 'What one monitor saw in its newest ping probe of a device. Empty once it no longer watches it.',
    payload: PingObservation,
  }),
  snmp: channel({
    name: 'snmp',
    path: 'monitor/{monitor}/snmp/{device}',
    writer: 'snmp',
    scope: 'bridged',
    retained: true,
    qos: 1,
    expiry: { intervals: 3 },
    clearable: true,
    measurement: true,
    description: 'What one monitor saw in its newest SNMP poll of a device. Empty once it no longer watches it.',
    payload: SnmpObservation,
  }),
  assigned: channel({
    name: 'assigned',
    path: 'host/{monitor}/assigned/{device}',
    writer: 'assign',
    scope: 'host',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'A device that this monitor watches, and which checks; empty once released.',
    payload: Assigned,
  }),
  presence: channel({
    name: 'presence',
    path: 'host/{monitor}/presence/{service}/{instance}',
    writer: 'every service',
    scope: 'host',
    retained: true,
    qos: 1,
    will: true,
    expiry: { after_s: 60 },
    clearable: true,
    description: 'Which instance of a service speaks on this broker; said again well before it expires.',
    payload: Presence,
  }),
  probing: channel({
    name: 'probing',
    path: 'host/{monitor}/probing',
    writer: 'ping',
    scope: 'host',
    retained: true,
    qos: 1,
    description: 'What the ping service knows of this host’s own way out.',
    payload: Probing,
  }),
  cluster: channel({
    name: 'cluster',
    path: 'cluster/{monitor}',
    writer: 'assign',
    scope: 'local',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'What is known here of a monitor over any link.',
    payload: MonitorView,
  }),
  spec: channel({
    name: 'spec',
    path: 'device/{device}/spec',
    writer: 'assign',
    scope: 'local',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'A device’s inventory entry and who watches it; empty once it is gone from the inventory.',
    payload: DeviceSpec,
  }),
} as const;

/** The topic under which all others stand, unless configured otherwise. */
export const DEFAULT_BASE = 'guaita';
