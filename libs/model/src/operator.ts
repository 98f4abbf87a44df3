import { z } from 'zod';
import { Timestamp } from './time.ts';

/** Who wants something, as people know them. */
export const Operator = z.string().min(1).max(100).describe('who wants it');

/** Why something is wanted: a sentence that others understand. */
export const Cause = z.string().min(1).max(500).describe('why');

/** Somebody takes care of an alert: nobody has to be reminded of it. */
export const Acknowledgement = z.object({
  by: Operator,
  why: Cause,
  at: Timestamp.describe('when it was acknowledged'),
});
export type Acknowledgement = z.infer<typeof Acknowledgement>;
