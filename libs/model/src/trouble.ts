import { z } from 'zod';
import { EPISODE_MAX } from './claims.ts';
import { Timestamp } from './time.ts';

/** What a monitor's own measurements of a device that answers may tell. */
export const TroubleKind = z.enum(['loss', 'latency', 'interface-down', 'utilisation', 'errors', 'reboot']);
export type TroubleKind = z.infer<typeof TroubleKind>;

/** Something that one monitor sees amiss with a device. */
export const Trouble = z.object({
  kind: TroubleKind,
  part: z.string().min(1).max(200).optional().describe('the interface that it is about, where it is about one'),
  episode: z
    .int()
    .min(0)
    .max(EPISODE_MAX)
    .describe('which event of this kind it is: the same at all monitors of a site'),
  since: Timestamp.describe('when it was first seen'),
  value: z.number().optional().describe('loss or utilisation in percent, round trip in ms, errors per second'),
  usual: z.number().optional().describe('the usual round trip in ms'),
});
export type Trouble = z.infer<typeof Trouble>;

/** All that one monitor sees amiss with one device. */
export const Troubles = z.object({
  at: Timestamp.describe('when this was said'),
  troubles: z.array(Trouble).min(1).max(10_000),
});
export type Troubles = z.infer<typeof Troubles>;
