import { Checks, Device, Id, Address, Timestamp } from '@guaita/model';
import { z } from 'zod';

/** Whether a service of a monitor runs. */
export const ServiceStatus = z.object({
  state: z.enum(['online', 'offline']),
  at: Timestamp.describe('when it came online; in a will, when the connection that broke was made'),
});
export type ServiceStatus = z.infer<typeof ServiceStatus>;

/** Which instance of a service speaks; taken away, it speaks no more. */
export const Presence = z.object({
  state: z.literal('online'),
  at: Timestamp,
});
export type Presence = z.infer<typeof Presence>;

/** A device to watch, with all that the probing services need and no secret. */
export const Assigned = z.object({
  name: z.string(),
  addresses: z.array(Address).min(1).max(16),
  checks: Checks,
});
export type Assigned = z.infer<typeof Assigned>;

/** What the ping service knows of this host's own way out. */
export const Probing = z.object({
  at: Timestamp,
  isolated: z.boolean().describe('every anchor fails: what this monitor sees of devices says nothing of the devices'),
  anchors: z.array(z.object({ address: Address, state: z.enum(['up', 'down', 'unknown']) })),
  last_probe_at: Timestamp.nullable().describe('when the newest probe ended; null before the first'),
  devices: z.int().min(0).describe('how many devices are being pinged'),
});
export type Probing = z.infer<typeof Probing>;

/** What is known here of a monitor. */
export const MonitorView = z.object({
  site: Id,
  alive: z.boolean(),
  isolated: z.boolean(),
  probing: z.boolean().describe('its ping service runs and says so'),
  devices: z.int().min(0).describe('how many devices it watches'),
  at: Timestamp,
});
export type MonitorView = z.infer<typeof MonitorView>;

/** A device's inventory entry and who watches it. */
export const DeviceSpec = Device.extend({
  source: z.string().describe('where the entry comes from'),
  monitors: z.array(Id).describe('the monitors that claim it'),
});
export type DeviceSpec = z.infer<typeof DeviceSpec>;
