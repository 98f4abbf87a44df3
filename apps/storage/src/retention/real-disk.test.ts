import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttBus, Wire } from '@guaita/bus';
import { end, freePort, startMosquitto, tied } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { expect, it, onTestFailed, onTestFinished } from 'vitest';
import { ManualClock } from '@guaita/service';
import { beginOfDay_ms, DAY_ms, dayOf } from '../day.ts';
import { Place, pingRowNumber } from '../store.testdata.ts';
import { storedPings } from '../stored-pings.testdata.ts';

const MB = 2 ** 20;
/** It is looked each 30 s. */
const PATIENCE = { timeout: 90_000, interval: 250 };

const SECTION = `storage: { disk: { free_percent: 20, free_least_mb: 1 } }\n`;

/** A disk of 32 MB that only processes in its namespace have, which ends with the test. */
async function smallDisk(folder: string): Promise<{ mounted: string; enter: readonly string[] }> {
  const script = `mount -t tmpfs -o size=32m tmpfs "$1" && echo mounted && exec sleep 600`;
  const holder = tied(
    spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', folder], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  onTestFinished(() => end(holder));
  await new Promise((resolve, reject) => {
    holder.stdout.once('data', resolve);
    holder.once('exit', () => reject(new Error('no disk could be mounted')));
  });
  return { mounted: `/proc/${holder.pid}/root${folder}`, enter: [`--mount=/proc/${holder.pid}/ns/mnt`, '--'] };
}

/** Two days of pings, sealed, the older one first. */
async function twoDays(history: string): Promise<string[]> {
  const place = await Place.make();
  const begin_ms = beginOfDay_ms(Date.now()) - 2 * DAY_ms;
  const clock = new ManualClock(begin_ms);
  const store = await place.started({ monitor: 'one', clock });
  for (let day = 0; day < 2; day++) {
    for (let n = 0; n < 1_000; n++)
      store.append('ping', [pingRowNumber(n, { at_ms: clock.now_ms() + n, monitor: 'one' })]);
    await clock.advance(DAY_ms + 60_000);
    await store.settled();
  }
  await cp(place.history, history, { recursive: true });
  return [0, 1].map((day) => dayOf(begin_ms + day * DAY_ms));
}

it(
  'gives up its oldest day on a disk that fills, loses nothing that was acknowledged, and tells',
  { timeout: 300_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'guaita-small-disk-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { mounted, enter } = await smallDisk(folder);
    const [oldest, newest] = await twoDays(join(mounted, 'history'));
    const broker = await startMosquitto();
    onTestFinished(() => broker.stop());
    let log = '';
    onTestFailed(() => {
      process.stderr.write(log);
    });
    const program = (file: string, data: string, port: number): ChildProcess => {
      const args = ['--broker', broker.url, '--monitor', 'one', '--data', data, '--http-port', String(port)];
      const child = tied(
        spawn('nsenter', [...enter, process.execPath, new URL(file, import.meta.url).pathname, ...args], {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...process.env, GUAITA_CONFIG: join(folder, 'guaita.yaml') },
        }),
      );
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (log += text.toString()));
      onTestFinished(() => end(child));
      return child;
    };
    await writeFile(join(mounted, 'guaita.yaml'), SECTION);
    const port = await freePort();
    const storage = program('../main.ts', folder, port);
    const elsewhere = await mkdtemp(join(tmpdir(), 'guaita-alert-'));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    program('../../../alert/src/main.ts', elsewhere, await freePort());

    const bus = new MqttBus({ url: broker.url, clientId: 'others', log: () => undefined });
    await bus.start();
    onTestFinished(() => bus.stop());
    const wire = new Wire(bus, () => undefined);
    const disks: unknown[] = [];
    const alerts: unknown[] = [];
    await wire.hear(channels.disk, {}, ({ value }) => void disks.push(value?.state));
    await wire.hear(
      channels.alert,
      {},
      ({ value }) => void alerts.push(`${value?.resolves === true ? 'end of ' : ''}${value?.kind} ${value?.subject}`),
    );
    const at = new Date().toISOString();
    wire.say(
      channels.cluster,
      { monitor: 'one' },
      { site: 'home', alive: true, isolated: false, probing: true, devices: 0, at },
    );

    const said = new Set<string>();
    const say = (count: number): void => {
      for (let end = said.size + count; said.size < end;) {
        const device = `d${said.size}`;
        const rtts = { rtt_min_ms: 1, rtt_avg_ms: 1, rtt_max_ms: 1, jitter_ms: 0 };
        wire.say(
          channels.ping,
          { monitor: 'one', device },
          { at, state: 'up', address: '192.0.2.1', sent: 3, received: 3, loss_percent: 0, ...rtts },
          600,
        );
        said.add(`${device} ${at}`);
      }
    };
    const health = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
    const stored = async (): Promise<void> => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(Number(/^guaita_storage_rows_total\{kind="ping"[^}]*\} (\d+)$/m.exec(text)?.[1])).toBe(said.size);
    };
    const leave = async (free_bytes: number): Promise<void> => {
      const { bavail, bsize } = await statfs(mounted);
      const ballast = join(mounted, `ballast-${bavail}`);
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - free_bytes))).catch(async (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      });
    };
    await eventually(async () => expect(await health()).toContain('"ok":true'), PATIENCE);
    say(200);
    await eventually(stored, PATIENCE);
    expect(await readdir(join(mounted, 'history', 'ping'))).toEqual([oldest, newest]);
    await eventually(() => expect(disks).toEqual(['ok']), PATIENCE);

    await leave(5 * MB);
    await eventually(async () => expect(await readdir(join(mounted, 'history', 'ping'))).toEqual([newest]), PATIENCE);
    await eventually(() => expect(disks).toEqual(['ok', 'full']), PATIENCE);
    await eventually(() => expect(alerts).toEqual(['monitor-disk-full one']), PATIENCE);
    expect(await health()).toMatch(/storage\/disk":.*oldest measurements were given up; free some space/s);
    expect(log).toMatch(/"period":"[^"]+"[^\n]*took history away/);

    await leave(0);
    say(1_000);
    await eventually(stored, PATIENCE);
    await eventually(async () => expect(await health()).toMatch(/rows wait in memory/), PATIENCE);
    const asked = await fetch(`http://127.0.0.1:${port}/api/events`);
    expect(asked.status).toBe(200);

    for (const name of await readdir(mounted)) if (name.startsWith('ballast')) await rm(join(mounted, name));
    say(200);
    await eventually(stored, PATIENCE);
    await eventually(async () => expect(await health()).not.toMatch(/rows wait in memory/), PATIENCE);
    await end(storage, 'SIGKILL');
    const { merged } = await storedPings(mounted);
    expect([...said].filter((each) => !merged.has(each))).toEqual([]);
  },
);
