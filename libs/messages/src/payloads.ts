import { Address, BUCKETS, Checks, Claim, Device, Digest, Header, Id, Incarnation, Timestamp } from '@guaita/model';
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
  preferred: z
    .literal(true)
    .optional()
    .describe('that it goes before those without this where one speaks for all: it can tell more'),
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

/**
 * A monitor's header with its next beat; or that one of its sessions has ended, by a goodbye or by the will that its
 * broker sends in its place. A later session of the same incarnation is not concerned.
 */
export const MonitorStatus = z.discriminatedUnion('state', [
  Header.extend({ state: z.literal('online') }),
  z.object({ state: z.literal('offline'), incarnation: Incarnation, session: z.int().min(0) }),
]);
export type MonitorStatus = z.infer<typeof MonitorStatus>;

/**
 * "My copy of your claims is incomplete": the peer says again each bucket whose version differs; and, where `intents` is
 * given, each bucket of intents that differs.
 */
export const Wants = z.object({
  incarnation: z.int().min(1).describe('of the peer, as the asker knows it'),
  versions: z.array(z.int().min(0)).length(BUCKETS).describe('the version that the asker has of each bucket; 0: none'),
  intents: z.array(Digest).length(BUCKETS).optional().describe('what the asker has in each bucket of intents'),
});
export type Wants = z.infer<typeof Wants>;

/** How the disk stands on which a monitor keeps history. */
export const DiskState = z.object({
  state: z
    .enum(['ok', 'low', 'full'])
    .describe('low: people are to look after it; full: history is given up, or none is left that could be'),
  since: Timestamp,
  free_bytes: z.int().min(0).describe('when that began'),
  total_bytes: z.int().min(0),
  history_bytes: z.int().min(0).describe('what the history holds'),
  gave_up: z
    .enum(['room', 'budget'])
    .optional()
    .describe('measurements were given up: there was no room, or the history held as much as it may'),
});
export type DiskState = z.infer<typeof DiskState>;

/** What is known here of a monitor over any link. */
export const MonitorView = z.object({
  site: Id,
  alive: z.boolean(),
  isolated: z.boolean(),
  probing: z.boolean().describe('its ping service runs and says so'),
  devices: z.int().min(0).describe('how many devices it watches'),
  at: Timestamp,
  tags: z.array(Id).optional(),
  incarnation: Incarnation.optional().describe('its newest run'),
  session: z.int().min(0).optional().describe('which of its connections to its broker in that run'),
  isolations: z.int().min(0).optional().describe('how often it has become isolated in that run'),
  monitors_per_device: z.int().min(1).optional().describe('how many monitors each device should have'),
  draining: z.boolean().optional().describe('it hands over all that it watches'),
  capacity: z.int().min(0).optional().describe('how many devices it can watch'),
  held: z.int().min(0).optional().describe('claims that count'),
  leaving: z.int().min(0).optional().describe('claims that it watches only until others do'),
  complete: z.boolean().optional().describe('its claims are known here in full'),
  links: z.array(Id).optional().describe('the links over which it is heard now'),
  troubles: z
    .array(z.string())
    .optional()
    .describe('of the monitor that says this itself: what an operator should mend'),
});
export type MonitorView = z.infer<typeof MonitorView>;

/** A device's inventory entry and who watches it. */
export const DeviceSpec = Device.extend({
  source: z.string().describe('where the entry comes from'),
  monitors: z.array(Id).describe('the live monitors that hold it'),
  planned: z.array(Id).optional().describe('the monitors that should watch it, the first first'),
  leaving: z.array(Id).optional().describe('the live monitors that watch it until others do'),
  claims: z
    .array(Claim.extend({ monitor: Id }))
    .optional()
    .describe('what each live monitor that watches it claims and sees'),
  feeders: z.array(Id).optional().describe('"command", or the monitors in whose inventory files it stands'),
});
export type DeviceSpec = z.infer<typeof DeviceSpec>;
