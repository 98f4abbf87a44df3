import { z } from 'zod';
import { Address } from './address.ts';
import { Id } from './ids.ts';
import { Placement } from './placement.ts';

/** Bounds and defaults of a ping check, in one place. */
export const PING_DEFAULTS = {
  /** A minute is what the field polls at (Smokeping 300 s, LibreNMS 60–300 s, Uptime Kuma 60 s). */
  interval_s: 60,
  count: 3,
  timeout_ms: 1000,
  /** ICMP payload: 56 bytes make the usual 64-byte echo request. */
  size_bytes: 56,
  dont_fragment: false,
  family: 'any',
} as const;

/** How one device is pinged. */
export const PingCheck = z.object({
  interval_s: z.number().min(1).max(86_400).default(PING_DEFAULTS.interval_s).describe('seconds between probes'),
  count: z.int().min(1).max(20).default(PING_DEFAULTS.count).describe('echo requests in a probe'),
  timeout_ms: z.number().min(10).max(60_000).default(PING_DEFAULTS.timeout_ms).describe('wait for each reply'),
  size_bytes: z.int().min(0).max(65_000).default(PING_DEFAULTS.size_bytes).describe('payload of an echo request'),
  dont_fragment: z.boolean().default(PING_DEFAULTS.dont_fragment).describe('set the don’t-fragment bit (IPv4)'),
  family: z.enum(['any', 'ipv4', 'ipv6']).default(PING_DEFAULTS.family).describe('which addresses to use'),
});
export type PingCheck = z.infer<typeof PingCheck>;

export const SNMP_DEFAULTS = { interval_s: 60, port: 161 } as const;

/** How one device is polled by SNMP. The profile names credentials in the service's own configuration: never here. */
export const SnmpCheck = z.object({
  profile: Id.describe('name of a credentials profile of the snmp service'),
  interval_s: z.number().min(1).max(86_400).default(SNMP_DEFAULTS.interval_s).describe('seconds between polls'),
  port: z.int().min(1).max(65_535).default(SNMP_DEFAULTS.port),
  interfaces: z
    .array(z.string().min(1))
    .optional()
    .describe('names of the interfaces to report; all of them when left out'),
});
export type SnmpCheck = z.infer<typeof SnmpCheck>;

/** What is done with a device; a check that is left out is not done. */
export const Checks = z.object({ ping: PingCheck.optional(), snmp: SnmpCheck.optional() });
export type Checks = z.infer<typeof Checks>;

/** Something that is watched: a router, a switch, an access point, a Pi. */
export const Device = z.object({
  device: Id,
  name: z.string().min(1).max(200).describe('the name people know it by'),
  addresses: z.array(Address).min(1).max(16).describe('tried in this order'),
  parents: z.array(Id).default([]).describe('devices through which this one is reached'),
  tags: z.array(Id).default([]),
  checks: Checks,
  placement: Placement.optional().describe('which monitors may watch it; any when left out'),
});
export type Device = z.infer<typeof Device>;
