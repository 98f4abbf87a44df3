import type * as Msgpackr from 'msgpackr';
import * as javascript from 'msgpackr/pack';

/**
 * MessagePack in JavaScript alone: what `msgpackr` itself gives loads a native decoder where one is installed. The types of
 * this entry lead nowhere (`from '.'`); those of the main one are the same.
 */
export const { Packr, Unpackr } = javascript as unknown as Pick<typeof Msgpackr, 'Packr' | 'Unpackr'>;
