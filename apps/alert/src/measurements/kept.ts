import { Id, Timestamp } from '@guaita/model';
import { z } from 'zod';

/** What a restart is to know of one device that was measured before it. */
export const KeptDevice = z.object({
  device: Id,
  usual: z
    .tuple([z.int().min(1), z.number(), z.number().min(0)])
    .optional()
    .describe('of round trips: how many were seen, the logarithm of their median, and of their spread'),
  up: z
    .array(z.string())
    .optional()
    .describe('interfaces that were up when they were last seen, and not shut down since'),
});
export type KeptDevice = z.infer<typeof KeptDevice>;

/** The file `measured.json` of the alert service. */
export const KeptMeasurements = z.object({ at: Timestamp, devices: z.array(KeptDevice) });
export type KeptMeasurements = z.infer<typeof KeptMeasurements>;
