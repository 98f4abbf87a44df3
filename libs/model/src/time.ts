import { z } from 'zod';

/** A moment: ISO 8601 in UTC, as `Date.prototype.toISOString` writes it. */
export const Timestamp = z.iso.datetime().describe('ISO 8601, UTC');
export type Timestamp = z.infer<typeof Timestamp>;
