import { startSite, type Site, type SiteOptions } from '@guaita/site-lab';
import type { BenchOptions } from './main.ts';
import type { BenchResult, Row } from './report.ts';
import { connectDataCentres, dataCentres, deadServer } from './takeover/data-centres.ts';
import { measureTakeover, shareWithin, type Takeover } from './takeover/measure.ts';
import { measureRolling, type Rolling } from './takeover/rolling.ts';

const MONITORS = ['m1', 'm2', 'm3'] as const;
/** The one with the inventory's file. */
const VICTIM = MONITORS[0];
/** What a bystander is left without while the others have theirs. */
const CUT_OFF = MONITORS[2];
const DEVICES = 1_000;
/** So that a death leaves each of its devices with one watcher less than it should have, and one monitor to be that. */
const MONITORS_PER_DEVICE = 2;
const INTERVAL_S = 60;
/** Enough for all to come, and to see what does not. */
const LIMIT_S = 60;
/** Over AntidoteDB alone: a beat a minute, a patience of 150 s, and some seconds to replicate and to probe. */
const SLOW_LIMIT_S = 240;

/** What is promised of a site over MQTT, and over AntidoteDB alone. */
const GOAL = { most_s: 5, all_s: 6, slow_s: 180 } as const;

/**
 * Three monitors, each with a real Mosquitto, real fping and, where given, a real AntidoteDB data centre: what becomes of
 * the devices of one that is killed, and whether a rolling restart ever leaves a device without a claim, both as seen
 * from outside.
 */
export async function benchTakeover({ progress, antidote, devices }: BenchOptions): Promise<BenchResult> {
  const common: SiteOptions = {
    monitors: MONITORS,
    devices: devices ?? DEVICES,
    interval_s: INTERVAL_S,
    monitorsPerDevice: MONITORS_PER_DEVICE,
    bridged: true,
  };
  const rows: Row[] = [];
  const ratios: Record<string, number> = {};
  const kill = async (name: string, slug: string, options: SiteOptions, limit_s = LIMIT_S): Promise<void> => {
    progress(`${name}: starting`);
    await withSite(options, async (site) => {
      progress(`${name}: settled; ${VICTIM} is killed, broker and services`);
      const takeover = await measureTakeover(site, VICTIM, limit_s);
      rows.push(...takeoverRows(name, takeover));
      if (limit_s === SLOW_LIMIT_S) {
        ratios[`${slug}_share_within_180_s`] = shareWithin(takeover, GOAL.slow_s);
      } else {
        ratios[`${slug}_share_within_5_s`] = shareWithin(takeover, GOAL.most_s);
        ratios[`${slug}_share_within_6_s`] = shareWithin(takeover, GOAL.all_s);
      }
    });
  };
  const roll = async (name: string, slug: string, options: SiteOptions): Promise<void> => {
    progress(`${name}: starting`);
    await withSite(options, async (site) => {
      const rolling = await measureRolling(site, (line) => progress(`${name}: ${line}`));
      rows.push(...rollingRows(name, rolling));
      ratios[`${slug}_looks_with_an_unclaimed_device`] = rolling.badLooks / rolling.looks;
    });
  };

  await kill('kill -9, MQTT', 'mqtt', common);
  await roll('rolling restart, MQTT', 'mqtt_rolling', common);
  if (antidote.length > 0) {
    progress(`connecting the data centres ${antidote.join(', ')}`);
    await connectDataCentres(antidote);
    const all = dataCentres(MONITORS, antidote);
    const oneDown = new Map(all).set(CUT_OFF, [await deadServer()]);
    await kill('kill -9, MQTT and AntidoteDB', 'both', { ...common, antidote: all });
    await kill('kill -9, one AntidoteDB down', 'one_down', { ...common, antidote: oneDown });
    await roll('rolling restart, both', 'both_rolling', { ...common, antidote: all });
    const alone = { ...common, antidote: all, bridged: false };
    await kill('kill -9, AntidoteDB alone', 'antidote_alone', alone, SLOW_LIMIT_S);
  }
  return { rows, ratios };
}

async function withSite(options: SiteOptions, work: (site: Site) => Promise<void>): Promise<void> {
  const site = await startSite(options);
  try {
    await work(site);
    if (site.observer.invalid.length > 0) throw new Error(`not of the wire contract: ${site.observer.invalid[0]}`);
  } finally {
    await site.stop();
  }
}

function takeoverRows(subject: string, takeover: Takeover): Row[] {
  const { devices, times_s, lost, flapped, unclaimed } = takeover;
  const at = (share: number): number => times_s[Math.max(0, Math.ceil(times_s.length * share) - 1)] ?? NaN;
  return [
    { subject, metric: 'devices of the killed monitor', value: devices, unit: 'devices' },
    { subject, metric: 'claimed and probed by another: half within', value: at(0.5), unit: 's' },
    { subject, metric: '… 95 % within', value: at(0.95), unit: 's' },
    { subject, metric: '… all within', value: at(1), unit: 's' },
    { subject, metric: 'devices lost', value: lost, unit: 'devices' },
    { subject, metric: 'claims that flapped', value: flapped, unit: 'claims' },
    { subject, metric: 'devices ever without a live claim', value: unclaimed, unit: 'devices' },
  ];
}

function rollingRows(subject: string, { restarts_s, looks, badLooks, unclaimed }: Rolling): Row[] {
  return [
    { subject, metric: 'slowest restart, until settled', value: Math.max(...restarts_s), unit: 's' },
    { subject, metric: 'looks from outside, twice a second', value: looks, unit: 'looks' },
    { subject, metric: '… at which a device had no live claim', value: badLooks, unit: 'looks' },
    { subject, metric: 'devices ever without a live claim', value: unclaimed, unit: 'devices' },
  ];
}
