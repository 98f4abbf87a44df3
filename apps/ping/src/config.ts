import { Address, Network } from '@guaita/model';
import { DEFAULT_BURST_PER_S, DEFAULT_RESOLVE_POLICY } from '@guaita/probing';
import { z } from 'zod';
import { DEFAULT_CONFIRMATION } from './confirmation.ts';
import { DEFAULT_FPING } from './engine/fping.ts';

/** The section `ping:` of `guaita.yaml`. */
export const pingConfig = z.strictObject({
  engine: z
    .enum(['auto', 'fping', 'ping'])
    .default('auto')
    .describe('what sends the pings; auto: fping, or the ping program where fping is missing'),
  anchors: z
    .array(Address)
    .max(32)
    .default([])
    .describe('addresses that answer as long as this host has a way out; when all anchors fail it is isolated'),
  gateway_anchor: z.boolean().default(true).describe('take the default gateway for an anchor too'),
  anchor_interval_s: z
    .number()
    .min(1)
    .max(10)
    .default(5)
    .describe('seconds between looks at the anchors; the services that depend on it expect news every 10 s'),
  allowed_networks: z.array(Network).default(['0.0.0.0/0', '::/0']).describe('only addresses in these are pinged'),
  denied_networks: z
    .array(Network)
    .default([])
    .describe('addresses in these are not pinged; multicast and broadcast addresses never are'),
  confirm_after_s: z
    .number()
    .min(0.1)
    .max(60)
    .default(DEFAULT_CONFIRMATION.confirm_after_s)
    .describe('seconds until a device that did not answer is asked again, at the earliest'),
  confirmations: z
    .int()
    .min(0)
    .max(10)
    .default(DEFAULT_CONFIRMATION.confirmations)
    .describe('further probes that must fail before a device is down'),
  burst_per_s: z
    .int()
    .min(1)
    .max(10_000)
    .default(DEFAULT_BURST_PER_S)
    .describe('first and missed probes a second, beside those whose turn it is'),
  max_processes: z
    .int()
    .min(1)
    .max(256)
    .default(DEFAULT_FPING.maxProcesses)
    .describe('fping processes at a time; probes beyond wait'),
  resolve_ttl_s: z
    .number()
    .min(1)
    .max(86_400)
    .default(DEFAULT_RESOLVE_POLICY.ttl_s)
    .describe('seconds until a host name is looked up again'),
});
export type PingConfig = z.output<typeof pingConfig>;
