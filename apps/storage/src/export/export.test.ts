import { createServer } from 'node:http';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MqttBus, Wire } from '@guaita/bus';
import { end, freePort, prometheus, startMosquitto, tied, victoriaMetrics, type TimeSeriesStore } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { createMetrics, Health, systemClock } from '@guaita/service';
import { pino } from 'pino';
import { afterEach, describe, expect, onTestFailed, test } from 'vitest';
import { nodeDisk } from '../disk/node-disk.ts';
import { Layout } from '../layout.ts';
import { Place, pingRowNumber } from '../store.testdata.ts';
import { Backlog } from './backlog.ts';
import { exportConfig } from './config.ts';
import { Destination } from './destination.ts';
import { ExportMetrics } from './export-metrics.ts';
import { Exporter } from './exporter.ts';

const PATIENCE = { timeout: 90_000, interval: 250 };

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** An export of what a store keeps, beside that store. */
async function exporting(place: Place, url: string, max_bytes = 2 ** 30, whose?: string) {
  const backlog = new Backlog(nodeDisk, new Layout(place.own), join(place.own, 'export'));
  await backlog.start();
  const registry = createMetrics();
  const health = new Health();
  const exporter = new Exporter({
    ...{
      backlog,
      destination: new Destination(exportConfig.parse({ url })),
      labels: { job: 'guaita' },
      max_bytes,
      whose,
    },
    ...{ clock: systemClock, random: () => 0, log: pino({ level: 'silent' }), health, every_ms: 50 },
    metrics: new ExportMetrics(registry),
  });
  const figure = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await registry.metrics())?.[1]);
  const retire: Backlog['retire'] = (kind, path) => backlog.retire(kind, path);
  return { backlog, exporter, figure, health, retire };
}

/** How often each time stands in one series of a store. */
async function timesIn(store: TimeSeriesStore, selector: string, until_s: number): Promise<number[]> {
  const series = await store.query(`${selector}[3650d]`, until_s);
  return series.flatMap(({ values }) => values.map(([time_s]) => Math.round(time_s * 1000)));
}

describe('the export', { timeout: 240_000 }, () => {
  test('gives VictoriaMetrics each sample once, whichever of both is away or killed', async () => {
    const data = await mkdtemp(join(tmpdir(), 'guaita-export-'));
    stops.push(() => rm(data, { recursive: true, force: true }));
    const broker = await startMosquitto({ persistence: true });
    stops.push(() => broker.stop());
    const store = await victoriaMetrics();
    stops.push(() => store.stop());
    const port = await freePort();
    const file = join(data, 'guaita.yaml');
    await writeFile(
      file,
      `monitor: one\ndata: ${data}/data\nhttp: { port: ${port} }\nmqtt: { url: '${broker.url}' }\n` +
        `storage: { export: { url: '${store.writeUrl}' } }\n`,
    );
    let log = '';
    onTestFailed(() => console.log(log.slice(-4_000)));
    let storage: ChildProcess | undefined;
    const start = async (): Promise<void> => {
      const main = new URL('../main.ts', import.meta.url).pathname;
      const child = tied(spawn(process.execPath, [main, '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] }));
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (log += text.toString()));
      storage = child;
      await eventually(async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
        expect(await answer.json()).toMatchObject({ ok: true });
      }, PATIENCE);
    };
    const kill = async (): Promise<void> => {
      await end(storage, 'SIGKILL');
    };
    stops.push(kill);
    await start();
    const bus = new MqttBus({ url: broker.url, clientId: 'publisher', log: () => {} });
    stops.push(() => bus.stop(100));
    await bus.start(AbortSignal.timeout(20_000));
    const wire = new Wire(bus, () => {});

    const from_ms = Date.now() - 3_600_000;
    const said: number[] = [];
    const say = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        const at_ms = from_ms + said.length * 1000;
        const rtts = { rtt_min_ms: 1, rtt_avg_ms: 1.5, rtt_max_ms: 2, jitter_ms: 0 };
        const counts = { address: '192.0.2.1', sent: 3, received: 3, loss_percent: 0 };
        const seen = { at: new Date(at_ms).toISOString(), state: 'up' as const, ...counts, ...rtts };
        wire.say(channels.ping, { monitor: 'one', device: 'router' }, seen, 600);
        said.push(at_ms);
        // A newer message of a device takes the place of one that still waits to be sent.
        await bus.flushed(AbortSignal.timeout(20_000));
      }
    };
    const arrived = async (): Promise<void> => {
      await eventually(async () => {
        const times = await timesIn(store, 'guaita_ping_rtt_seconds{device="router"}', Date.now() / 1000);
        expect(times.sort()).toEqual(said);
      }, PATIENCE);
    };

    await say(50); // while it is away
    await kill();
    await say(50); // while both are
    await start();
    await store.start();
    await arrived();
    await store.halt();
    await say(50);
    await kill();
    await start();
    await store.start();
    await say(50);
    await kill();
    await start();
    await arrived();
    expect(await store.query('guaita_ping_rtt_seconds offset 3500s')).toMatchObject([
      { metric: { job: 'guaita', site: 'home', monitor: 'one', device: 'router' } },
    ]);
  });

  test('gives Prometheus each sample once, and leaves out what that refuses, one by one', async () => {
    const [place, store] = [await Place.make(), await prometheus()];
    stops.push(() => store.stop());
    const { exporter, figure, retire } = await exporting(place, store.writeUrl);
    const now_ms = Math.floor(Date.now() / 1000) * 1000;
    place.clock.set(now_ms - place.clock.now_ms());
    const kept = await place.started({ retire });
    const at = (n: number): number => now_ms - 600_000 + n * 1000;
    const row = (n: number, at_ms = at(n)) => pingRowNumber(7 * (n + 1), { at_ms });
    kept.append(
      'ping',
      Array.from({ length: 200 }, (_, n) => row(n)),
    );
    exporter.start();
    stops.push(() => exporter.stop());
    await pause(500);
    await store.start();
    await eventually(async () => expect(await figure('guaita_export_samples_total')).toBe(1200), PATIENCE);
    // One that is older than what Prometheus has, with another value, among those that are newer.
    kept.append('ping', [row(200), row(3, at(3) + 500), row(201)]);
    await eventually(
      async () => expect(await figure('guaita_export_samples_total')).toBeGreaterThanOrEqual(1212),
      PATIENCE,
    );
    const times = await timesIn(store, 'guaita_ping_rtt_seconds{device="device-0"}', now_ms / 1000);
    expect(times.filter((time) => time !== at(3) + 500)).toEqual(Array.from({ length: 202 }, (_, n) => at(n)));
  });

  test('gives what each monitor of a site saw once, where all keep it and each exports its own', async () => {
    const store = await victoriaMetrics();
    stops.push(() => store.stop());
    await store.start();
    const now_ms = Math.floor(Date.now() / 1000) * 1000;
    const at = (n: number): number => now_ms - 600_000 + n * 1000;
    for (const whose of ['pi-1', 'pi-2']) {
      const place = await Place.make();
      const { exporter, figure, retire } = await exporting(place, store.writeUrl, 2 ** 30, whose);
      const kept = await place.started({ retire });
      for (const monitor of ['pi-1', 'pi-2', 'pi-3'])
        kept.append(
          'ping',
          Array.from({ length: 50 }, (_, n) => pingRowNumber(7 * n + 1, { at_ms: at(n), monitor })),
        );
      kept.append('verdict', [[whose, 'device-1', at(0), 5, 'up', 0, false, '']]);
      exporter.start();
      stops.push(() => exporter.stop());
      await eventually(async () => expect(await figure('guaita_export_samples_total')).toBe(50 * 6 + 6), PATIENCE);
    }
    const each = Array.from({ length: 50 }, (_, n) => at(n));
    for (const [monitor, times] of [
      ['pi-1', each],
      ['pi-2', each],
      ['pi-3', []],
    ] as const) {
      const selector = `guaita_ping_rtt_seconds{device="device-1",monitor="${monitor}"}`;
      await eventually(async () => expect(await timesIn(store, selector, now_ms / 1000)).toEqual(times), PATIENCE);
    }
  });

  test('sends days that were sealed meanwhile, gives up the oldest beyond its bound, and counts them', async () => {
    const place = await Place.make();
    const { backlog, exporter, figure, retire } = await exporting(place, 'http://127.0.0.1:9/', 10_000);
    const kept = await place.started({ retire, partRows: 100 });
    for (let n = 0; n < 1_000; n += 1) kept.append('ping', [pingRowNumber(n)]);
    await kept.settled();
    expect((await readdir(join(place.own, 'export', 'ping'))).length).toBe(10);
    exporter.start();
    stops.push(() => exporter.stop());
    await eventually(
      async () => expect(await figure('guaita_export_given_up_rows_total')).toBeGreaterThan(800),
      PATIENCE,
    );
    expect(await backlog.waiting_bytes()).toBeLessThanOrEqual(10_000);
    expect(await figure('guaita_export_samples_total')).toBe(0);
  });

  test('waits as long as the store asks, and while credentials are wrong, and says so; each row comes in the end', async () => {
    const statuses = [429, 503, 401];
    const seen: string[] = [];
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        seen.push(request.headers['authorization'] ?? '');
        response.writeHead(statuses.shift() ?? 204, { 'retry-after': '1' }).end('no');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => new Promise((resolve) => server.close(resolve)));
    const address = server.address();
    const place = await Place.make();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/v1/write`;
    const { exporter, figure, health, retire } = await exporting(place, url);
    const kept = await place.started({ retire });
    kept.append('ping', [pingRowNumber(1)]);
    exporter.start();
    stops.push(() => exporter.stop());
    await eventually(() => expect(health.parts.get('export')?.detail).toMatch(/HTTP 401: no.*credentials/), PATIENCE);
    expect(health.ok).toBe(false);
    await eventually(async () => expect(await figure('guaita_export_samples_total')).toBe(6), PATIENCE);
    expect([seen.length, health.ok]).toEqual([4, true]);
  });
});
