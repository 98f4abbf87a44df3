import type { Id } from '@guaita/model';
import { z } from 'zod';
import type { RetentionLimits } from './retention.ts';

const MB = 2 ** 20;
/** As far back as anybody has asked; a date of that many days is one still. */
const MOST_days = 36_500;

const days = (least: number): z.ZodInt => z.int().min(least).max(MOST_days);

/** The field `keep` of the section `storage`: for how long history is kept. */
export const keepConfig = z
  .strictObject({
    measurements_days: days(1).default(30).describe('each measurement by itself'),
    rollups_5m_days: days(1).default(180).describe('what they come to in 5 minutes'),
    rollups_1h_days: days(1).default(730).describe('in an hour'),
    rollups_1d_days: days(1).default(3_650).describe('in a day'),
    events_days: days(1).default(730).describe('changes of verdicts, and alerts; each device’s last verdict for ever'),
  })
  .superRefine((keep, context) => {
    const order = ['measurements_days', 'rollups_5m_days', 'rollups_1h_days', 'rollups_1d_days'] as const;
    order.slice(1).forEach((key, index) => {
      const finer = order[index]!;
      if (keep[key] >= keep[finer]) return;
      const message = `is shorter than ${finer} (${keep[finer]}), which it is made of; give at least as many days`;
      context.addIssue({ code: 'custom', path: [key], message });
    });
  })
  .prefault({})
  .describe('for how many days history is kept');

/** The field `disk` of the section `storage`: how much of the disk is to stay free. */
export const diskConfig = z
  .strictObject({
    free_percent: z.number().min(0).max(90).default(5).describe('so much of the disk is to stay free'),
    free_least_mb: z.int().min(1).max(1e9).default(500).describe('at least; of a small disk a fifth'),
    free_most_mb: z.int().min(1).max(1e9).default(10_000).describe('at most: of a large disk a percentage is much'),
  })
  .prefault({})
  .describe('when less is free, the oldest measurements are given up, a day at a time');

/** The limits that the section tells. */
export function retentionLimits(
  config: {
    readonly keep: z.output<typeof keepConfig>;
    readonly disk: z.output<typeof diskConfig>;
    readonly max_mb?: number | undefined;
    readonly takes_away: 'own' | 'all';
  },
  monitor: Id,
): RetentionLimits {
  const { keep, disk, max_mb, takes_away } = config;
  return {
    days: {
      measurements: keep.measurements_days,
      rollups: { '5m': keep.rollups_5m_days, '1h': keep.rollups_1h_days, '1d': keep.rollups_1d_days },
      events: keep.events_days,
    },
    floor: { percent: disk.free_percent, least_bytes: disk.free_least_mb * MB, most_bytes: disk.free_most_mb * MB },
    max_bytes: max_mb === undefined ? undefined : max_mb * MB,
    whose: takes_away === 'own' ? monitor : undefined,
  };
}
