import { z } from 'zod';
import { Id } from './ids.ts';
import { COMMAND } from './intent.ts';

/** The id of a monitor: any but the one that stands for operators. */
export const MonitorId = Id.refine(
  (id) => id !== COMMAND,
  `"${COMMAND}" stands for what is entered by command, and cannot be the id of a monitor; give another`,
);

/** A monitoring server: one host that runs all services. */
export const Monitor = z.object({
  monitor: Id,
  site: Id.describe('hosts with one failure domain: a home, a rack'),
});
export type Monitor = z.infer<typeof Monitor>;
