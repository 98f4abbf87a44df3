import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBroker, MemoryBus } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import type { PingObservation } from '@guaita/model';
import { createMetrics, parseConfig, startServices, type RunningServices } from '@guaita/service';
import { pino } from 'pino';
import type { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storage } from './index.ts';
import { storedPings } from './stored-pings.testdata.ts';

const AT = '2026-01-01T00:00:00.000Z';

let data: string;
let broker: MemoryBroker;
let metrics: Registry;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'guaita-storage-'));
  broker = new MemoryBroker();
});
afterEach(() => rm(data, { recursive: true, force: true }));

async function start(section = '{}'): Promise<RunningServices> {
  const file = { name: 'guaita.yaml', text: `monitor: one\ndata: ${data}\nhttp: {port: 0}\nstorage: ${section}\n` };
  const definitions = [storage];
  const result = parseConfig({ definitions, file, env: {}, flags: [], hostName: 'x', readFile: () => '' });
  if ('problems' in result) throw new Error('the configuration of the test is wrong');
  metrics = createMetrics();
  return startServices(definitions, result.config, {
    ...{ log: pino({ level: 'silent' }), metrics },
    makeBus: ({ clientId, will, kept_s }) => {
      const session = kept_s === undefined ? 'clean' : { kept_s };
      return new MemoryBus(broker, { clientId, session, ...(will === undefined ? {} : { will }) });
    },
  });
}

function ping(monitor: string, device: string): void {
  const rtts = { rtt_min_ms: 1, rtt_avg_ms: 1, rtt_max_ms: 1, jitter_ms: 0 };
  const counts = { sent: 3, received: 3, loss_percent: 0 };
  const seen: PingObservation = { at: AT, state: 'up', address: '192.0.2.1', ...counts, ...rtts };
  const topic = channels.ping.topic('guaita', { monitor, device });
  broker.publish({ topic, payload: channels.ping.encode(seen), qos: 1, retain: true });
}

async function shown(line: string): Promise<void> {
  await eventually(async () => expect((await metrics.metrics()).split('\n')).toContain(line));
}

describe('the storage service', { timeout: 60_000 }, () => {
  test('stores what it hears, tells how much, and goes on after a restart', async () => {
    const first = await start();
    ping('one', 'router');
    ping('two', 'router');
    await shown('guaita_storage_rows_total{kind="ping"} 2');
    await first.stop();
    ping('one', 'switch');
    const second = await start();
    await shown('guaita_storage_rows_total{kind="ping"} 1');
    await second.stop();
    const { rows, merged } = await storedPings(data);
    expect([rows, [...merged].sort()]).toEqual([3, [`router ${AT}`, `switch ${AT}`]]);
    expect((await readdir(data)).sort()).toEqual(['history', 'storage']);
  });

  test('keeps the history where it is told to, and only what its own monitor sees', async () => {
    const folder = join(data, 'elsewhere');
    const service = await start(`{ scope: own, folder: ${folder} }`);
    ping('one', 'router');
    ping('two', 'router');
    await shown('guaita_storage_rows_total{kind="ping"} 1');
    await service.stop();
    expect((await readdir(data)).sort()).toEqual(['elsewhere', 'storage']);
  });

  test('does not start in a folder whose name its database would misread, and leaves nothing running', async () => {
    await expect(start(`{ folder: "${join(data, 'a*b')}" }`)).rejects.toThrow(/a\*b.*choose another/);
    expect(broker.clients).toEqual([]);
    await (await start()).stop();
  });
});
