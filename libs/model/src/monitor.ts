import { z } from 'zod';
import { Id } from './ids.ts';

/** A monitoring server: one host that runs all services. */
export const Monitor = z.object({
  monitor: Id,
  site: Id.describe('hosts with one failure domain: a home, a rack'),
});
export type Monitor = z.infer<typeof Monitor>;
