import { z } from 'zod';
import { AlertKind, Severity } from './alert.ts';
import { Id } from './ids.ts';
import { Cause, Operator } from './operator.ts';
import { Timestamp } from './time.ts';

/** More than these are no selection any more: a tag or a site stands for many. */
const LISTED_MOST = 1000;

/** What is to be quiet for longer is not worth an alert at all: its rules are to be changed. */
export const SILENCE_LONGEST_ms = 90 * 24 * 3_600_000;

/**
 * Which alerts are meant: those that fit every list that is given. Who names devices and monitors means either; a device
 * is of a site when no monitor of another may watch it.
 */
export const AlertScope = z.object({
  devices: z.array(Id).max(LISTED_MOST).default([]).describe('alerts on one of these devices'),
  monitors: z.array(Id).max(LISTED_MOST).default([]).describe('alerts on one of these monitors'),
  tags: z.array(Id).max(LISTED_MOST).default([]).describe('on what bears one of these tags'),
  sites: z.array(Id).max(LISTED_MOST).default([]).describe('on what is of these sites alone'),
  kinds: z.array(AlertKind).max(LISTED_MOST).default([]).describe('of one of these kinds'),
  severities: z.array(Severity).max(LISTED_MOST).default([]).describe('of one of these severities'),
});
export type AlertScope = z.infer<typeof AlertScope>;

/** Alerts that are meant are not told until then; they are kept as open all the same. */
export const Silence = AlertScope.extend({
  by: Operator,
  why: Cause,
  until: Timestamp.describe('when it ends'),
});
export type Silence = z.infer<typeof Silence>;
