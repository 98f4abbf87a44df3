import { AlertKind, Id, Severity } from '@guaita/model';
import { DURATION_HINT, readDuration } from '@guaita/service';
import { z } from 'zod';
import { ALERT_DEFAULTS, PATIENCE, type AlertOptions, type Patience } from './alerts/options.ts';
import { byTag } from './by-tag.ts';
import { homeAssistantConfig } from './home-assistant/config.ts';
import { heartbeatConfig, notifyConfig } from './notify/config.ts';
import { named, over } from './named.ts';
import { RecurrenceError, Schedule } from './maintenance/schedule.ts';
import { measurementConfig, rulesOf } from './measurements/config.ts';
import type { RulesFor } from './measurements/rules.ts';
import { VERDICT_DEFAULTS, type VerdictOptions } from './verdict/options.ts';

/** A day: whoever wants to hear of something later than that does not want to hear of it. */
const LONGEST_s = 86_400;

const quorum = z.union([z.enum(['any', 'majority', 'all']), z.int().min(1).max(1000)]);

function seconds(initial: number, description: string) {
  return z.number().min(0).max(LONGEST_s).default(initial).describe(description);
}

/** What is worked on for longer has rules of its own. */
const MAINTENANCE_LONGEST_ms = 31 * 86_400_000;

const duration = z.string().superRefine((text, context) => {
  const ms = readDuration(text);
  const message = ms === undefined ? `is no duration; ${DURATION_HINT}` : 'is longer than 31 days; give less';
  if (ms === undefined || ms > MAINTENANCE_LONGEST_ms) context.addIssue({ code: 'custom', message });
});

const maintenance = z
  .strictObject({
    cron: z.string().describe('when it begins: minute, hour, day of month, month, day of week, as in a crontab'),
    duration: duration.describe('how long it lasts: 90m, 2h, 1d'),
    timezone: z.string().default('UTC').describe('by the clock of which place it begins: Europe/Madrid'),
    devices: z.array(Id).default([]).describe('these devices'),
    tags: z.array(Id).default([]).describe('devices that bear one of these tags'),
    sites: z.array(Id).default([]).describe('devices that no monitor of another site may watch'),
    why: z.string().min(1).max(500).describe('what is done then'),
  })
  .superRefine(({ cron, duration: text, timezone, devices, tags, sites }, context) => {
    if (devices.length + tags.length + sites.length === 0) {
      const message = 'is of all devices; name devices, tags or sites';
      context.addIssue({ code: 'custom', message, path: ['devices'] });
    }
    try {
      new Schedule({ cron, timezone }, readDuration(text) ?? 1);
    } catch (error) {
      if (!(error instanceof RecurrenceError)) throw error;
      context.addIssue({ code: 'custom', message: error.message, path: ['cron'] });
    }
  });

const holdDefaults = VERDICT_DEFAULTS.hold([]);
const hold = z.strictObject({
  up_s: seconds(holdDefaults.up_s, 'seconds that a device must answer again before it is up'),
  down_s: seconds(holdDefaults.down_s, 'seconds that it must be seen down before it is down'),
  disputed_s: seconds(holdDefaults.disputed_s, 'seconds that monitors must disagree before it is disputed'),
  unknown_s: seconds(holdDefaults.unknown_s, 'seconds that nobody can tell before it is unknown'),
});

const flappingDefaults = VERDICT_DEFAULTS.flapping([]);
const flapping = z.strictObject({
  changes: z.int().min(2).max(1000).default(flappingDefaults.changes).describe('more changes than these are flapping'),
  within_s: z
    .number()
    .min(1)
    .max(LONGEST_s)
    .default(flappingDefaults.within_s)
    .describe('seconds in which they are counted'),
});

const patience = z.strictObject({
  disputed_after_s: seconds(PATIENCE.disputed_after_s, 'seconds until a disputed device is an alert'),
  under_watched_after_s: seconds(
    PATIENCE.under_watched_after_s,
    'seconds until a device with too few monitors is an alert',
  ),
  monitor_lost_after_s: seconds(PATIENCE.monitor_lost_after_s, 'seconds until a silent monitor is an alert'),
});

const severities = z.partialRecord(AlertKind, Severity);

/** What may be otherwise for some: what is named, and nothing else. */
const ownRules = z.strictObject({
  quorum: quorum.optional(),
  hold: named(hold).optional(),
  flapping: named(flapping).optional(),
  disputed_after_s: named(patience.shape.disputed_after_s).optional(),
  under_watched_after_s: named(patience.shape.under_watched_after_s).optional(),
  monitor_lost_after_s: named(patience.shape.monitor_lost_after_s).optional(),
  severities: severities.optional(),
  measurements: named(measurementConfig).optional(),
});

const alertFields = z.strictObject({
  quorum: quorum
    .default('majority')
    .describe(
      'how many of the monitors that watch a device must see it down: any, majority (more than half), all, or N',
    ),
  hold: hold.prefault({}),
  flapping: flapping.prefault({}),
  ...patience.shape,
  maintenance: z
    .array(maintenance)
    .default([])
    .describe('when devices are worked on: what is amiss with them then is called maintenance, and is no alert'),
  measurements: measurementConfig.prefault({}).describe('alerts of loss, latency, interfaces and restarts'),
  severities: severities
    .default({})
    .describe('how much an alert of a kind matters, where that is to differ from the default'),
  by_tag: z
    .record(Id, ownRules)
    .default({})
    .describe(
      'fields of quorum, hold, flapping, severities, measurements and of how long something must last that differ for ' +
        'devices (severities and how long: monitors, too) with a tag, and no others; of several tags the first that ' +
        'names a field',
    ),
  notify: notifyConfig,
  heartbeat: heartbeatConfig.describe('who is called while a monitor is well'),
  home_assistant: homeAssistantConfig,
});

/** The section `alert:` of `guaita.yaml`. Every monitor needs the same, or their brokers judge differently. */
export const alertConfig = alertFields.superRefine(({ measurements, by_tag }, context) => {
  for (const [tag, { measurements: own }] of Object.entries(by_tag)) {
    for (const { message, path } of measurementConfig.safeParse(over(measurements, own)).error?.issues ?? []) {
      const at = ['by_tag', tag, 'measurements', ...path];
      const isNamed = at.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], { by_tag });
      context.addIssue({
        code: 'custom',
        path: at,
        message: isNamed === undefined ? `${message}; give it, too` : message,
      });
    }
  }
});
export type AlertConfig = z.output<typeof alertConfig>;

export type OwnRules = z.output<typeof ownRules>;

/** What tags name of a rule. */
function ownOf<Name extends keyof OwnRules>({ by_tag }: AlertConfig, name: Name): Map<Id, NonNullable<OwnRules[Name]>> {
  const own = new Map<Id, NonNullable<OwnRules[Name]>>();
  for (const [tag, { [name]: rule }] of Object.entries(by_tag)) if (rule !== undefined) own.set(tag, rule);
  return own;
}

/** By which rules verdicts are made. */
export function verdictOptions(config: AlertConfig): VerdictOptions {
  return {
    quorum: byTag(config.quorum, ownOf(config, 'quorum'), (rule) => rule),
    hold: byTag(config.hold, ownOf(config, 'hold'), (rule) => rule),
    flapping: byTag(config.flapping, ownOf(config, 'flapping'), (rule) => rule),
    maintenance: config.maintenance.map(({ duration: text, ...window }) => ({
      ...window,
      duration_ms: readDuration(text) ?? 0,
    })),
  };
}

function patienceOf({ disputed_after_s, under_watched_after_s, monitor_lost_after_s }: Patience): Patience {
  return { disputed_after_s, under_watched_after_s, monitor_lost_after_s };
}

/** When something is an alert, and how much it matters. */
export function alertOptions(config: AlertConfig): AlertOptions {
  const own = ownOf(config, 'severities');
  return {
    patience: byTag(patienceOf(config), new Map(Object.entries(config.by_tag)), patienceOf),
    severity(kind, tags) {
      const tag = tags.find((each) => own.get(each)?.[kind] !== undefined);
      const ofTag = tag === undefined ? undefined : own.get(tag)?.[kind];
      return ofTag ?? config.severities[kind] ?? ALERT_DEFAULTS.severity(kind, tags);
    },
  };
}

/** By which rules devices are measured. */
export function measurementRules(config: AlertConfig): RulesFor {
  return byTag(config.measurements, ownOf(config, 'measurements'), rulesOf);
}
