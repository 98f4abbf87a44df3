import { z } from 'zod';
import { AlertId } from './alert.ts';
import { Device } from './device.ts';
import { Id } from './ids.ts';
import { Incarnation } from './incarnation.ts';
import { Acknowledgement } from './operator.ts';
import { Silence } from './silence.ts';

/** The last millisecond that a `Date` can tell of (ECMA-262, "Time Values and Time Range"). */
const LAST_ms = 8.64e15;

/** The feeder of what operators enter by command: no monitor is called like that. */
export const COMMAND: Id = 'command';

const MonitorSubject = Id.refine((id) => id !== COMMAND, {
  error: `"${COMMAND}" stands for commands, and is no monitor`,
});

/** A hybrid logical clock's stamp (Kulkarni et al., 2014). Newer is what is greater in (at_ms, counter, writer). */
export const Stamp = z.object({
  at_ms: z.int().min(0).max(LAST_ms).describe('milliseconds since 1970'),
  counter: z.int().min(0),
  writer: Id.describe('the monitor at which it was said'),
});
export type Stamp = z.infer<typeof Stamp>;

/**
 * Something an operator wants. `subject` and what tells two intents of a kind and subject apart make its key; `wanted:
 * false` is a tombstone, which deletes.
 */
export const Intent = z.discriminatedUnion('kind', [
  z
    .object({
      kind: z.literal('device'),
      subject: Id.describe('the device'),
      feeder: Id.describe('"command", or the monitor whose inventory file it stands in'),
      stamp: Stamp,
      wanted: z.boolean(),
      device: Device.optional().describe('given when wanted'),
    })
    .refine(({ wanted, subject, device }) => !wanted || device?.device === subject, {
      error: 'a device that is wanted comes with its entry',
      path: ['device'],
    }),
  z.object({
    kind: z.literal('drain'),
    subject: MonitorSubject.describe('the monitor that is to hand over all it watches'),
    stamp: Stamp,
    wanted: z.boolean(),
  }),
  z.object({
    kind: z.literal('forget'),
    subject: MonitorSubject.describe('the monitor of which nothing is to be kept'),
    stamp: Stamp,
    wanted: z.boolean(),
    incarnation: Incarnation.describe('the last one to forget: a later one is a new monitor'),
  }),
  z
    .object({
      kind: z.literal('silence'),
      subject: Id.describe('what the silence is called'),
      stamp: Stamp,
      wanted: z.boolean(),
      silence: Silence.optional().describe('given when wanted'),
    })
    .refine(({ wanted, silence }) => !wanted || silence !== undefined, {
      error: 'a silence that is wanted says what is silenced',
      path: ['silence'],
    }),
  z
    .object({
      kind: z.literal('acknowledgement'),
      subject: AlertId.describe('the alert'),
      stamp: Stamp,
      wanted: z.boolean(),
      acknowledgement: Acknowledgement.optional().describe('given when wanted'),
    })
    .refine(({ wanted, acknowledgement }) => !wanted || acknowledgement !== undefined, {
      error: 'an acknowledgement that is wanted says whose it is',
      path: ['acknowledgement'],
    }),
]);
export type Intent = z.infer<typeof Intent>;
