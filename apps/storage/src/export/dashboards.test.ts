import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { victoriaMetrics } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { createMetrics, Health, systemClock } from '@guaita/service';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nodeDisk } from '../disk/node-disk.ts';
import type { Row } from '../kinds/kind.ts';
import { Layout } from '../layout.ts';
import { Place } from '../store.testdata.ts';
import { Backlog } from './backlog.ts';
import { exportConfig } from './config.ts';
import { Destination } from './destination.ts';
import { ExportMetrics } from './export-metrics.ts';
import { Exporter } from './exporter.ts';

const FOLDER = new URL('../../../../integrations/grafana/', import.meta.url);

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly query: string | { readonly query: string } }[] };
}

const dashboards = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Dashboard);

/** What Grafana puts in the place of variables, all of everything chosen. */
function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '5m')
    .replaceAll('$__range', '1h')
    .replaceAll(/\$(site|device|monitor|interface)\b/g, '.*');
}

/** Half an hour of a small site in which two monitors disagree, and an interface is down. */
function fill(
  append: (kind: 'ping' | 'snmp' | 'interface' | 'sensor' | 'verdict' | 'alert', rows: readonly Row[]) => void,
  now_ms: number,
): void {
  for (let at = now_ms - 30 * 60_000; at < now_ms; at += 60_000) {
    const who = ['one', 'core', at, 5];
    append('ping', [
      [...who, 'up', 4, 3, 1, 2, 3, 0.5, null],
      ['two', 'core', at, 5, 'down', 4, 0, null, null, null, null, 'no answer'],
    ]);
    append('snmp', [[...who, 'up', 9_000, 12, 0.1, 0.2, 0.3, 8e9, 6e9, null]]);
    append('interface', [
      [...who, 'eth0', 'uplink', 'up', 'up', 1e9, 8_000, 16_000, 0, 0, 0, 0, 0, 0, null],
      [...who, 'eth1', 'spare', 'up', 'down', 1e9, 0, 0, 0, 0, 0, 0, 0, 0, null],
    ]);
    append('sensor', [[...who, 'extra', 'packets', 7, null, 0.5, 'packets']]);
  }
  append('verdict', [['one', 'core', now_ms - 30 * 60_000, 5, 'disputed', 1, false, 'one of two']]);
  append('alert', [
    [
      'one',
      'a-1',
      'core',
      now_ms - 30 * 60_000,
      5,
      'disputed',
      'warning',
      false,
      now_ms,
      1,
      null,
      'Core',
      'one of two',
    ],
  ]);
}

describe('the dashboards for Grafana', { timeout: 120_000 }, () => {
  test('ask nothing that the real store refuses, or has no data for', async () => {
    const [place, victoria] = [await Place.make(), await victoriaMetrics()];
    onTestFinished(() => victoria.stop());
    await victoria.start();
    const backlog = new Backlog(nodeDisk, new Layout(place.own), join(place.own, 'export'));
    await backlog.start();
    const store = await place.started({ retire: (kind, path) => backlog.retire(kind, path) });
    const now_ms = Math.floor(Date.now() / 1000) * 1000;
    fill((kind, rows) => store.append(kind, rows), now_ms);
    const exporter = new Exporter({
      ...{ backlog, destination: new Destination(exportConfig.parse({ url: victoria.writeUrl })) },
      ...{
        labels: { job: 'guaita', site: 'home' },
        max_bytes: 2 ** 30,
        every_ms: 50,
        metrics: new ExportMetrics(createMetrics()),
      },
      ...{ clock: systemClock, random: Math.random, log: pino({ level: 'silent' }), health: new Health() },
    });
    exporter.start();
    onTestFinished(() => exporter.stop());
    await eventually(async () => {
      const [found] = await victoria.query('count({job="guaita"})', now_ms / 1000);
      expect(await backlog.waiting_bytes()).toBe(0);
      expect(found).toBeDefined();
    });

    const wrong: string[] = [];
    let asked = 0;
    for (const { uid, panels, templating } of dashboards) {
      for (const { title, targets } of panels) {
        for (const { expr } of targets) {
          asked += 1;
          const found = await victoria.query(filledIn(expr), now_ms / 1000).catch((error: unknown) => String(error));
          if (typeof found === 'string') wrong.push(`${uid}: ${title}: ${found}`);
          else if (found.length === 0) wrong.push(`${uid}: ${title}: ${expr}: no data`);
        }
      }
      for (const { query } of templating.list) {
        const [, selector = '', label = ''] =
          /^label_values\((.*), (\w+)\)$/.exec(typeof query === 'string' ? '' : query.query) ?? [];
        if (selector === '') continue;
        const found = await victoria.query(`count by (${label}) (${filledIn(selector)})`, now_ms / 1000);
        if (found.length === 0 || found.some(({ metric }) => metric[label] === undefined))
          wrong.push(`${uid}: ${selector}`);
      }
    }
    expect(wrong).toEqual([]);
    expect([dashboards.length, asked > 40]).toEqual([4, true]);
  });

  test.each(dashboards)('$uid has an id of its own for each panel, and a title', ({ panels }) => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.every(({ title }) => title !== '')).toBe(true);
  });
});
