import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { channels, type MonitorView } from '@guaita/messages';
import { Health, ManualClock, type ServiceContext } from '@guaita/service';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assignConfig, AssignService } from './index.ts';

const POLL_ms = 10_000;
const local = { hostName: 'h', addresses: ['192.0.2.9'], gateways: [], resolvers: [] };

let folder: string;
let file: string;
let broker: MemoryBroker;
let clock: ManualClock;
let releases: (() => Promise<void>)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assign-'));
  file = join(folder, 'devices.yaml');
  broker = new MemoryBroker();
  clock = new ManualClock();
  releases = [];
});

afterEach(async () => {
  for (const release of releases.reverse()) await release();
  await rm(folder, { recursive: true });
});

/** A service that runs, and all that it said to its log. */
async function start() {
  const lines: string[] = [];
  const log = pino(
    { level: 'info' },
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const bus = new MemoryBus(broker);
  await bus.start();
  const wire = new Wire(bus, (error) => lines.push(error.message));
  const health = new Health();
  const metrics = new Registry();
  const context: ServiceContext = {
    monitor: 'm1',
    site: 'home',
    dataDir: folder,
    wire,
    clock,
    random: () => 0.5,
    log,
    metrics,
    health,
  };
  const config = assignConfig.parse({ devices: file, poll_s: POLL_ms / 1000 });
  const service = new AssignService(context, config, () => local);
  await service.start(new AbortController().signal);
  const stop = async (): Promise<void> => {
    await service.stop();
    await bus.stop();
  };
  return { service, bus, wire, health, metrics, lines, stop };
}

async function running() {
  const parts = await start();
  releases.push(parts.stop);
  return parts;
}

/** The devices that the broker keeps a topic of, by the topic's last but one or last level. */
function devicesSaid(): { assigned: string[]; spec: string[] } {
  const topics = [...broker.retained.keys()];
  const ids = (pattern: RegExp): string[] => topics.flatMap((topic) => pattern.exec(topic)?.[1] ?? []).sort();
  return { assigned: ids(/^guaita\/host\/m1\/assigned\/(.*)$/), spec: ids(/^guaita\/device\/(.*)\/spec$/) };
}

function view(): MonitorView | undefined {
  const text = broker.retained.get('guaita/cluster/m1');
  return text === undefined ? undefined : channels.cluster.decode('', Buffer.from(text));
}

const devices = (...names: string[]): string =>
  `devices:\n${names.map((name, n) => `  - { name: ${name}, address: 192.0.2.${n + 1} }\n`).join('')}`;

const said = (...ids: string[]) => vi.waitFor(() => expect(devicesSaid()).toEqual({ assigned: ids, spec: ids }));

/** Lets the poll come round, with real file reading in between. */
const poll = () => clock.advance(POLL_ms);

describe('the assign service', () => {
  it('says of each device what to watch and what it is', async () => {
    await writeFile(file, devices('A'));
    await running();
    await said('a');
    const ping = { interval_s: 60, count: 3, timeout_ms: 1000, size_bytes: 56, dont_fragment: false, family: 'any' };
    expect(JSON.parse(broker.retained.get('guaita/host/m1/assigned/a') ?? '')).toEqual({
      ...{ name: 'A', addresses: ['192.0.2.1'] },
      checks: { ping },
    });
    expect(JSON.parse(broker.retained.get('guaita/device/a/spec') ?? '')).toEqual({
      ...{ device: 'a', name: 'A', addresses: ['192.0.2.1'], parents: [], tags: [], checks: { ping } },
      ...{ source: file, monitors: ['m1'] },
    });
    expect(view()).toMatchObject({ site: 'home', alive: true, probing: false, isolated: false, devices: 1 });
  });

  it('clears what a former run said of devices that are gone', async () => {
    await writeFile(file, devices('A', 'B'));
    const first = await start();
    await said('a', 'b');
    await first.stop();
    broker.publish({ topic: 'guaita/host/m2/assigned/x', payload: '{}', qos: 1, retain: true });
    await writeFile(file, devices('A', 'C'));
    await running();
    await said('a', 'c');
    expect(broker.retained.has('guaita/host/m2/assigned/x')).toBe(true);
  });

  it('hears what the broker keeps where its memory is lost, and says only what differs', async () => {
    await writeFile(file, devices('A', 'B'));
    const first = await start();
    await said('a', 'b');
    await first.stop();
    await rm(join(folder, 'topics'));
    broker.publish({ topic: 'guaita/host/m1/assigned/old', payload: 'from another version', qos: 1, retain: true });
    await writeFile(file, devices('A', 'C'));
    const heard: string[] = [];
    const listener = new MemoryBus(broker);
    await listener.start();
    releases.push(() => listener.stop());
    await listener.subscribe('guaita/host/#', ({ topic, retain }) => void (retain || heard.push(topic)));
    await running();
    await said('a', 'c');
    await vi.waitFor(() =>
      expect(heard.sort()).toEqual(['b', 'c', 'old'].map((device) => `guaita/host/m1/assigned/${device}`)),
    );
  });

  it('applies a good change, keeps everything at a bad one, and recovers when that is mended', async () => {
    await writeFile(file, devices('A', 'B'));
    const { health, metrics, lines } = await running();
    await said('a', 'b');

    await writeFile(file, devices('A', 'B', 'C').replace('192.0.2.2', '192.0.2').replace('192.0.2.3', 'x y'));
    await poll();
    await vi.waitFor(() => expect(health.ok).toBe(false));
    expect(health.parts.get('inventory')?.detail).toBe(
      `not applied, the inventory before it still holds: ${file}:3 devices[1].address: "192.0.2" is not an IP address or host name, and 1 more`,
    );
    expect(lines).toContain(`${file}:4 devices[2].address: "x y" is not an IP address or host name`);
    expect(await metrics.metrics()).toContain('guaita_assign_inventory_errors 2');
    expect(devicesSaid().assigned).toEqual(['a', 'b']);

    await writeFile(file, devices('A', 'C'));
    await poll();
    await said('a', 'c');
    expect(health.ok).toBe(true);
    expect(await metrics.metrics()).toContain('guaita_assign_inventory_errors 0');
    await vi.waitFor(() => expect(view()?.devices).toBe(2));
  });

  it('takes a file that vanishes for a mistake, never for an empty inventory', async () => {
    await writeFile(file, devices('A'));
    const { health } = await running();
    await said('a');
    await rm(file);
    await poll();
    await vi.waitFor(() => expect(health.parts.get('inventory')?.detail).toContain('is not there; put it back'));
    expect(devicesSaid().assigned).toEqual(['a']);
    await writeFile(file, 'devices: []');
    await poll();
    await said();
  });

  it('leaves what is watched as it is when the file is bad at the start', async () => {
    await writeFile(file, devices('A'));
    const first = await start();
    await said('a');
    await first.stop();
    await writeFile(file, 'devices: {');
    const { health } = await running();
    expect(health.ok).toBe(false);
    expect(devicesSaid().assigned).toEqual(['a']);
  });

  it('says everything again to a broker that came back empty, also what it had not said itself', async () => {
    await writeFile(file, devices('A'));
    const first = await start();
    await said('a');
    await first.stop();
    await running();
    await said('a');
    broker.stop({ forget: true });
    broker.start();
    await said('a');
    await vi.waitFor(() => expect(view()?.devices).toBe(1));
  });

  it('tells whether it probes and is isolated, from what its ping service says and no longer than that is fresh', async () => {
    await writeFile(file, devices('A'));
    const { wire } = await running();
    await said('a');
    const at = new Date(clock.now_ms()).toISOString();
    const probing = { at, isolated: true, anchors: [], last_probe_at: at, devices: 1 };
    wire.say(channels.probing, { monitor: 'm1' }, probing);
    await vi.waitFor(() => expect(view()).toMatchObject({ probing: true, isolated: true }));
    wire.say(channels.probing, { monitor: 'm1' }, { ...probing, isolated: false });
    await vi.waitFor(() => expect(view()).toMatchObject({ probing: true, isolated: false }));
    await clock.advance(20_000);
    await vi.waitFor(() => expect(view()).toMatchObject({ probing: false, isolated: false }));
  });
});
