import { z } from 'zod';
import { Id } from './ids.ts';

/** Which monitors may watch a device. A list that is left out asks for nothing. */
export const Placement = z.object({
  only_sites: z.array(Id).min(1).optional().describe('monitors of these sites only'),
  only_tags: z.array(Id).min(1).optional().describe('monitors that bear one of these tags only'),
  not_sites: z.array(Id).min(1).optional().describe('no monitor of these sites'),
  not_tags: z.array(Id).min(1).optional().describe('no monitor that bears one of these tags'),
});
export type Placement = z.infer<typeof Placement>;

/** How devices are given to monitors. */
export const Policy = z.object({
  monitors_per_device: z.int().min(1).max(9).default(3).describe('how many monitors watch each device'),
  snmp_per_device: z.int().min(1).max(9).default(1).describe('how many of them poll it by SNMP'),
  mode: z
    .enum(['spread', 'pack'])
    .default('spread')
    .describe('spread: all monitors share the load; pack: as few as can bear it, the rest idle'),
});
export type Policy = z.infer<typeof Policy>;
