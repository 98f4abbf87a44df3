import { z } from 'zod';

/**
 * The greatest incarnation that is borne: more starts than any host has in its life, and so far below 2^53 that one
 * above it is a whole number still. Else a monitor could be led, by an incarnation that somebody made up, to bear or to
 * name one that nobody takes for a number, and nobody would hear it any more.
 */
export const INCARNATION_MAX = 2 ** 48;

/** Which of all the starts of a monitor it was. */
export const Incarnation = z.int().min(1).max(INCARNATION_MAX);
