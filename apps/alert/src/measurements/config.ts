import { TroubleKind } from '@guaita/model';
import { z } from 'zod';
import type { Rules } from './rules.ts';

/** A day: whoever wants to hear of something later than that does not want to hear of it. */
const LONGEST_s = 86_400;

function seconds(initial: number, description: string) {
  return z.number().min(0).max(LONGEST_s).default(initial).describe(description);
}

function lasting(begin_after_s: number, end_after_s: number) {
  return {
    begin_after_s: seconds(begin_after_s, 'seconds that it must last before it is an alert'),
    end_after_s: seconds(end_after_s, 'seconds that it must be gone before that is over'),
  };
}

/** A mean over less is that of a few probes, and of many hours is no news. */
const over_s = z
  .number()
  .min(1)
  .max(LONGEST_s)
  .default(300)
  .describe('seconds over which the newest probes are averaged');
/** More than nothing: what is never below its end is never over, and what begins at nothing always is. */
const some = z.number().positive();
const percent = some.max(100);

/** What is measured of devices that answer: the part `measurements:` of section `alert:`. */
export const measurementConfig = z.strictObject({
  off: z.array(TroubleKind).default([]).describe('what is not told'),
  loss: z
    .strictObject({
      // One of three requests lost in each probe is 33 %, in one probe of four 8 %.
      begin_percent: percent.default(20).describe('so much loss, on average, is an alert'),
      end_percent: percent.default(5).describe('below so much it is over'),
      over_s,
      ...lasting(120, 300),
    })
    .refine(({ begin_percent, end_percent }) => end_percent <= begin_percent, {
      error: 'must not be above begin_percent',
      path: ['end_percent'],
    })
    .prefault({}),
  latency: z
    .strictObject({
      begin_factor: z.number().min(1).max(1000).default(2).describe('so many times the usual round trip is an alert'),
      end_factor: z.number().min(1).max(1000).default(1.5).describe('below so many times it is over'),
      // 1 ms instead of 0.3 ms is nothing that anybody feels.
      least_ms: z.number().min(0).max(60_000).default(20).describe('milliseconds above the usual that it must be, too'),
      over_s,
      ...lasting(300, 300),
    })
    .refine(({ begin_factor, end_factor }) => end_factor <= begin_factor, {
      error: 'must not be above begin_factor',
      path: ['end_factor'],
    })
    .prefault({}),
  // The second poll that sees it so: a cable that is moved from one socket to another is no news.
  interface_down: z.strictObject(lasting(30, 30)).prefault({}),
  utilisation: z
    .strictObject({
      begin_percent: percent.default(90).describe('so much of its speed, in either direction, is an alert'),
      end_percent: percent.default(80).describe('below so much it is over'),
      // Backups and updates fill a line for minutes.
      ...lasting(900, 300),
    })
    .refine(({ begin_percent, end_percent }) => end_percent <= begin_percent, {
      error: 'must not be above begin_percent',
      path: ['end_percent'],
    })
    .prefault({}),
  errors: z
    .strictObject({
      begin_per_s: some.default(1).describe('so many errors a second, in either direction, are an alert'),
      end_per_s: some.default(0.1).describe('below so many it is over'),
      ...lasting(300, 600),
    })
    .refine(({ begin_per_s, end_per_s }) => end_per_s <= begin_per_s, {
      error: 'must not be above begin_per_s',
      path: ['end_per_s'],
    })
    .prefault({}),
  reboot: z.strictObject({ lasts_s: seconds(600, 'seconds for which a restart is an open alert') }).prefault({}),
});

/** By which rules something is measured, made of its configuration. */
export function rulesOf(config: z.output<typeof measurementConfig>): Rules {
  const { off, loss, latency, interface_down, utilisation, errors, reboot } = config;
  const rules: Required<Rules> = {
    loss: { ...loss, ...between(loss.begin_percent, loss.end_percent) },
    latency: { ...latency, ...between(latency.begin_factor, latency.end_factor) },
    'interface-down': { ...interface_down, ...between(1, 1) },
    utilisation: { ...utilisation, ...between(utilisation.begin_percent, utilisation.end_percent) },
    errors: { ...errors, ...between(errors.begin_per_s, errors.end_per_s) },
    reboot: { ...between(-reboot.lasts_s, -reboot.lasts_s), begin_after_s: 0, end_after_s: 0 },
  };
  return { ...rules, ...Object.fromEntries(off.map((kind) => [kind, undefined])) };
}

/** Of a device with two tags, one may say when something begins and another when it ends: that is not above. */
function between(begin: number, end: number): { readonly begin: number; readonly end: number } {
  return { begin, end: Math.min(begin, end) };
}
