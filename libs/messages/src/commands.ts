import { AlertId, AlertScope, Cause, Checks, Device, Id, Operator, PingCheck, Timestamp } from '@guaita/model';
import { z } from 'zod';

/** As many as fit into one message with room to spare; who has more says it several times, or uses a file. */
const DEVICES_AT_ONCE = 1000;

/** A device as an operator enters it: it is pinged unless something else is said, and called by its id. */
const EnteredDevice = Device.extend({
  name: Device.shape.name.optional().describe('the name people know it by; its id by default'),
  checks: Checks.default({ ping: PingCheck.parse({}) }).describe('what is done with it; a ping by default'),
});

/** Adds devices, or changes those that were added so before. */
export const AddDevices = z.object({ devices: z.array(EnteredDevice).min(1).max(DEVICES_AT_ONCE) });
export type AddDevices = z.infer<typeof AddDevices>;

/** Takes devices away that were added by command. What stands in a file is taken away there. */
export const RemoveDevices = z.object({ devices: z.array(Id).min(1).max(DEVICES_AT_ONCE) });
export type RemoveDevices = z.infer<typeof RemoveDevices>;

/** Has devices probed now, by the monitors on this broker that watch them. */
export const ProbeDevices = z.object({ devices: z.array(Id).min(1).max(DEVICES_AT_ONCE) });
export type ProbeDevices = z.infer<typeof ProbeDevices>;

/** Lets a monitor hand over all it watches, or, `drain: false`, take devices again. */
export const DrainMonitor = z.object({ monitor: Id, drain: z.boolean().default(true) });
export type DrainMonitor = z.infer<typeof DrainMonitor>;

/** Purges all that a dead monitor left. One that comes back is a new monitor. */
export const ForgetMonitor = z.object({
  monitor: Id,
  with_devices: z
    .boolean()
    .default(false)
    .describe(
      'whether devices that stand in its inventory files alone may go with it; else it is refused while there are any',
    ),
});
export type ForgetMonitor = z.infer<typeof ForgetMonitor>;

/** Silences alerts, or changes a silence of that name. It says its end in one of two ways. */
export const AddSilence = AlertScope.extend({
  silence: Id.optional().describe('what it is called; a made-up name by default'),
  by: Operator,
  why: Cause,
  until: Timestamp.optional().describe('when it ends'),
  for_s: z.number().positive().optional().describe('after how many seconds it ends'),
});
export type AddSilence = z.infer<typeof AddSilence>;

/** Takes silences away: what they kept from being told and is still open is told. */
export const RemoveSilences = z.object({ silences: z.array(Id).min(1).max(DEVICES_AT_ONCE) });
export type RemoveSilences = z.infer<typeof RemoveSilences>;

/** Takes an alert on, or, `acknowledge: false`, gives it back. */
export const AcknowledgeAlert = z.object({
  alert: AlertId.describe('one that is open'),
  by: Operator,
  why: Cause,
  acknowledge: z.boolean().default(true),
});
export type AcknowledgeAlert = z.infer<typeof AcknowledgeAlert>;

/** As many rows as are worth waiting for in one message; who wants more asks the HTTP API, which streams them. */
const ROWS_MOST = 5_000;

/** Asks what was seen or said of a device. The answer has its rows in the order of time. */
export const QueryHistory = z.object({
  device: Id,
  kind: z.enum(['ping', 'snmp', 'interface', 'sensor', 'verdict', 'alert']).default('ping'),
  from: Timestamp.optional().describe('a day before `to` by default'),
  to: Timestamp.optional().describe('not part of the span; now by default'),
  part: z.string().min(1).max(200).optional().describe('the interface or sensor; all of them by default'),
  monitor: Id.optional().describe('as this monitor saw it; as each did by default'),
  points: z
    .int()
    .min(1)
    .max(ROWS_MOST)
    .default(500)
    .describe('about how many each monitor’s line may have: it says which resolution will do'),
  limit: z.int().min(1).max(ROWS_MOST).default(ROWS_MOST).describe('the newest so many rows, at most'),
});
export type QueryHistory = z.infer<typeof QueryHistory>;

/** What becomes of a command, for who gave a response topic. */
export const Reply = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    monitor: Id.describe('who answers'),
    devices_gone: z.int().min(0).optional().describe('how many devices went with a monitor that is forgotten'),
    silence: Id.optional().describe('what the silence is called that was added'),
    resolution: z.enum(['raw', '5m', '1h', '1d']).optional().describe('of measurements that were asked for'),
    rows: z
      .array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])))
      .optional()
      .describe('the history that was asked for; units end the names'),
    remarks: z.array(z.string().min(1)).optional().describe('what is done, but likely not as it is meant'),
  }),
  z.object({ ok: z.literal(false), monitor: Id.describe('who answers'), problem: z.string().min(1) }),
]);
export type Reply = z.infer<typeof Reply>;
