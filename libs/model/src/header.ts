import { z } from 'zod';
import { Id } from './ids.ts';
import { Incarnation } from './incarnation.ts';
import { Policy } from './placement.ts';

/** A digest: 64 bits as hexadecimal digits. */
export const Digest = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits');
export type Digest = z.infer<typeof Digest>;

/** How far a monitor has another's claims complete. */
export const Seen = z.object({ incarnation: z.int().min(1), version: z.int().min(0) });
export type Seen = z.infer<typeof Seen>;

/** What a monitor says of itself with each beat. Newer is what is greater in (incarnation, beat). */
export const Header = z.object({
  host_key: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('made once by each host: two live ones under one id are a mistake'),
  incarnation: Incarnation.describe('rises with each start of the monitor'),
  session: z.int().min(0).describe('rises with each connection to its broker; a goodbye ends one session only'),
  beat: z.int().min(0),
  site: Id,
  tags: z.array(Id).default([]),
  capacity: z.int().min(0).describe('how many devices it can watch'),
  policy: Policy,
  probe_age_s: z.number().min(0).nullable().describe('age of its newest finished probe; null before the first'),
  probing: z.boolean().describe('its probes come in as they should'),
  isolated: z.boolean().describe('all its anchors fail'),
  isolations: z.int().min(0).optional().describe('how often it has become so in this run'),
  claims: z.object({
    version: z.int().min(0),
    count: z.int().min(0).describe('claims in all buckets'),
    digest: Digest.describe('over the version of each bucket'),
  }),
  seen: z.record(Id, Seen).describe('of monitors that leave devices, or are not heard: the claims known in full'),
  intents: Digest.describe('over all that operators intend, as known here'),
});
export type Header = z.infer<typeof Header>;
