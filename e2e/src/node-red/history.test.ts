import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { end, freePort, startMosquitto, tied, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels, type Reply } from '@guaita/messages';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { button, flow, historyNode, seen } from './flows.ts';
import { startNodeRed, type NodeRed } from './node-red.ts';
import { Spoken } from './spoken.ts';

const STORAGE = fileURLToPath(new URL('../../../apps/storage/src/main.ts', import.meta.url));
const TEST_ms = 60_000;

let broker: Mosquitto;
let nodeRed: NodeRed;
let monitor: Spoken;
const ends: (() => Promise<unknown>)[] = [];

/** A storage service, one of two on the broker. */
async function startStorage(name: string): Promise<number> {
  const data = await mkdtemp(join(tmpdir(), 'guaita-e2e-'));
  const port = await freePort();
  const args = [STORAGE, '--broker', broker.url, '--monitor', name, '--data', data, '--http-port', String(port)];
  const child = tied(spawn(process.execPath, args, { stdio: 'ignore', cwd: data }));
  ends.push(async () => {
    await end(child, 'SIGTERM');
    await rm(data, { recursive: true, force: true });
  });
  return port;
}

beforeAll(async () => {
  [broker, nodeRed] = await Promise.all([startMosquitto(), startNodeRed()]);
  monitor = new Spoken(broker.url);
  await monitor.start();
  const ports = await Promise.all(['pi-1', 'pi-2'].map(startStorage));
  const healthy = async (port: number): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(await answer.json()).toMatchObject({ ok: true });
  };
  for (const port of ports) await eventually(() => healthy(port));
  const rtts = { rtt_min_ms: 1, rtt_avg_ms: 1.5, rtt_max_ms: 2, jitter_ms: 0 };
  for (const ago_ms of [120_000, 60_000]) {
    const at = new Date(Date.now() - ago_ms).toISOString();
    const counts = { sent: 3, received: 3, loss_percent: 0 };
    monitor.wire.say(
      channels.ping,
      { monitor: 'pi-1', device: 'gateway' },
      { at, state: 'up', address: '192.0.2.1', ...counts, ...rtts },
      60,
    );
  }
  const stored = async (port: number): Promise<void> => {
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('rows_total{kind="ping"} 2');
  };
  for (const port of ports) await eventually(() => stored(port).catch(() => stored(port)));
}, 120_000);

afterAll(async () => {
  for (const each of ends) await each();
  await Promise.all([monitor.stop(), nodeRed.stop()]);
  await broker.stop();
});

it(
  'the history node is answered by storage, by one of two, with the newest rows that it asks for',
  async () => {
    const nodes = [
      button('press', 'history', { payload: { device: 'gateway', points: 2_000, limit: 1 } }),
      historyNode('history', 'out'),
      seen('out'),
    ];
    await nodeRed.deploy(flow({ url: broker.url }, ...nodes));
    const replies: (Reply | undefined)[] = [];
    await monitor.wire.hear(channels.reply, {}, ({ parameters, value }) => {
      // Services hear what a broker keeps by replies to themselves.
      if (!parameters.user.startsWith('pi-')) replies.push(value);
    });
    await nodeRed.press('press');
    await eventually(() => expect(nodeRed.debug.get('out') ?? []).toHaveLength(1));
    expect(nodeRed.debug.get('out')).toEqual([
      expect.objectContaining({
        ok: true,
        resolution: 'raw',
        rows: [expect.objectContaining({ monitor: 'pi-1', state: 'up', rtt_avg_ms: 1.5 })],
      }),
    ]);
    expect(replies).toHaveLength(1);
  },
  TEST_ms,
);

it(
  'any client asks likewise, and is told what is wrong with a question',
  async () => {
    const ask = async (question: object): Promise<unknown> => {
      const { stdout } = await promisify(execFile)('mosquitto_rr', [
        ...['-V', 'mqttv5', '-q', '1', '-W', '10', '-h', '127.0.0.1', '-p', String(new URL(broker.url).port)],
        ...['-t', 'guaita/command/history/query', '-e', 'guaita/reply/ada/1', '-m', JSON.stringify(question)],
      ]);
      return JSON.parse(stdout);
    };
    expect(await ask({ device: 'gateway', points: 2_000 })).toMatchObject({
      ok: true,
      rows: [{ state: 'up' }, { state: 'up' }],
    });
    expect(await ask({ device: 'gateway', points: 1e6 })).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/points/),
    });
  },
  TEST_ms,
);
