import { z } from 'zod';
import { ProbeState } from './ping.ts';
import { Timestamp } from './time.ts';

const rate = z.number().min(0).nullable();
const count = z.number().min(0).nullable();

/** Why a rate is not given: each of these would have made it a lie. */
export const RateUnknown = z.enum([
  'first poll',
  'reboot',
  'discontinuity',
  'counter went back',
  'counter jumped',
  'interface replaced',
  'too soon',
  'wraps too fast',
  'not given',
]);
export type RateUnknown = z.infer<typeof RateUnknown>;

/** One interface, IF-MIB (RFC 2863). Counters above 2^53 lose their last digits; rates are worked out before that. */
export const InterfaceObservation = z.object({
  index: z.int().min(1).describe('ifIndex: moves at reboots; the name is the key'),
  alias: z.string().nullable(),
  type: z.int().nullable().describe('ifType, an IANAifType number'),
  admin: z.enum(['up', 'down', 'testing']).nullable(),
  oper: z.enum(['up', 'down', 'testing', 'unknown', 'dormant', 'not_present', 'lower_layer_down']).nullable(),
  speed_bps: count,
  in_bps: rate,
  out_bps: rate,
  in_octets: count,
  out_octets: count,
  in_errors_per_s: rate,
  out_errors_per_s: rate,
  in_discards_per_s: rate,
  out_discards_per_s: rate,
  in_multicast_per_s: rate,
  out_multicast_per_s: rate,
  rates_unknown: RateUnknown.optional().describe('why all rates are null'),
  missing: z.record(z.string(), RateUnknown).optional().describe('why single rates are null'),
});
export type InterfaceObservation = z.infer<typeof InterfaceObservation>;

/** HOST-RESOURCES-MIB (RFC 2790) and UCD-SNMP-MIB. */
export const HostObservation = z.object({
  cpu_percent: z.number().min(0).max(100).nullable().describe('mean over all processors'),
  load_1min: z.number().min(0).nullable(),
  load_5min: z.number().min(0).nullable(),
  load_15min: z.number().min(0).nullable(),
  memory_total_bytes: count,
  memory_available_bytes: count,
  storage: z.record(z.string(), z.object({ total_bytes: count, used_bytes: count })).describe('by mount point or name'),
});
export type HostObservation = z.infer<typeof HostObservation>;

/** ENTITY-SENSOR-MIB (RFC 3433): temperature, optics, voltage … */
export const SensorObservation = z.object({
  value: z.number().nullable(),
  unit: z
    .string()
    .describe('celsius, volts_ac, volts_dc, amperes, watts, dbm, rpm, percent_rh, hertz, cmm, truth, special, other'),
  status: z.enum(['ok', 'unavailable', 'nonoperational']).nullable(),
});
export type SensorObservation = z.infer<typeof SensorObservation>;

/** UPS-MIB (RFC 1628). */
export const UpsObservation = z.object({
  battery: z.enum(['unknown', 'normal', 'low', 'depleted']).nullable(),
  source: z
    .enum(['other', 'none', 'normal', 'bypass', 'battery', 'booster', 'reducer'])
    .nullable()
    .describe('what feeds the output'),
  on_battery_s: count,
  remaining_s: count,
  charge_percent: z.number().min(0).max(100).nullable(),
  load_percent: z.number().min(0).nullable().describe('of the most loaded output line'),
});
export type UpsObservation = z.infer<typeof UpsObservation>;

/** An OID that a profile names. */
export const ExtraObservation = z.object({
  value: z.union([z.number(), z.string()]).nullable(),
  unit: z.string(),
  per_s: rate.optional().describe('of a counter'),
  rate_unknown: RateUnknown.optional().describe('why per_s is null'),
});
export type ExtraObservation = z.infer<typeof ExtraObservation>;

/** What one monitor saw in one SNMP poll of one device. */
export const SnmpObservation = z.object({
  at: Timestamp.describe('when the poll ended'),
  address: z.string().nullable().describe('the address polled; null when a name had none'),
  state: ProbeState.describe('up: it answered; down: it did not; unknown: it could not be asked'),
  reason: z.string().optional().describe('why it is down or unknown'),
  uptime_s: count,
  name: z.string().nullable().describe('sysName'),
  description: z.string().nullable().describe('sysDescr'),
  interfaces: z.record(z.string(), InterfaceObservation),
  host: HostObservation.optional(),
  sensors: z.record(z.string(), SensorObservation).optional(),
  ups: UpsObservation.optional(),
  extra: z.record(z.string(), ExtraObservation).optional(),
  missing: z.record(z.string(), z.string()).optional().describe('what the device did not give, and why'),
});
export type SnmpObservation = z.infer<typeof SnmpObservation>;
