import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryBus, type MemoryBroker } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels, type MonitorView } from '@guaita/messages';
import type { ManualClock } from '@guaita/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryHost, startMonitor, type Monitor, type Settings } from './monitor.testdata.ts';

const POLL_ms = 10_000;
/** Until what a former run said and nobody says any more is taken away. */
const SETTLED_ms = 15_000;

let folder: string;
let file: string;
let broker: MemoryBroker;
let clock: ManualClock;
let host: Awaited<ReturnType<typeof memoryHost>>;
let releases: (() => Promise<void>)[];

beforeEach(async () => {
  host = await memoryHost();
  ({ folder, broker, clock } = host);
  file = join(folder, 'devices.yaml');
  releases = [];
});

afterEach(async () => {
  for (const release of releases.reverse()) await release();
  await rm(folder, { recursive: true });
});

/** A service that runs by itself, its inventory in `file`. */
const start = (settings: Settings = {}): Promise<Monitor> =>
  startMonitor('m1', host, { ...settings, assign: { devices: file, poll_s: POLL_ms / 1000, ...settings.assign } });

async function running(settings?: Settings): Promise<Monitor> {
  const parts = await start(settings);
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

/** Waits while a little of the clock's time passes at each look: what changes together is told together. */
const until = (assertion: () => void): Promise<void> =>
  eventually(async () => {
    await clock.advance(100);
    assertion();
  });

const said = (...ids: string[]) => until(() => expect(devicesSaid()).toEqual({ assigned: ids, spec: ids }));

/** Lets the time pass after which all is known. */
async function settled({ sayProbing }: Monitor): Promise<void> {
  await clock.advance(SETTLED_ms - 1);
  sayProbing();
  await clock.advance(1);
}

/** Lets the poll come round, with real file reading in between. */
async function poll({ sayProbing }: Monitor): Promise<void> {
  await clock.advance(POLL_ms);
  sayProbing();
}

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
      ...{ source: file, monitors: ['m1'], planned: ['m1'], leaving: [], feeders: ['m1'] },
      claims: [{ monitor: 'm1', state: 'held', sees: 'unprobed', episode: 0 }],
    });
    await until(() =>
      expect(view()).toMatchObject({ site: 'home', alive: true, probing: true, isolated: false, devices: 1, held: 1 }),
    );
  });

  it('clears what a former run said of devices that are gone', async () => {
    await writeFile(file, devices('A', 'B'));
    const first = await start();
    await said('a', 'b');
    await first.stop();
    broker.publish({ topic: 'guaita/host/m2/assigned/x', payload: '{}', qos: 1, retain: true });
    await writeFile(file, devices('A', 'C'));
    await settled(await running());
    await said('a', 'c');
    expect(broker.retained.has('guaita/host/m2/assigned/x')).toBe(true);
  });

  it('leaves what a former run said as long as it has not decided anew', async () => {
    await writeFile(file, devices('A', 'B'));
    const first = await start();
    await said('a', 'b');
    await first.stop();
    await writeFile(file, devices('A', 'C'));
    const unreachable: typeof host.makeBus = (clientId, will) => {
      const bus = host.makeBus(clientId, will);
      if (clientId.endsWith('-cluster')) bus.start = () => new Promise(() => undefined);
      return bus;
    };
    const second = await startMonitor('m1', { ...host, makeBus: unreachable }, { assign: { devices: file } });
    releases.push(second.stop);
    await settled(second);
    await settled(second);
    expect(devicesSaid().assigned).toEqual(['a', 'b']);
    await settled(second);
    await said('a', 'c');
  });

  it('hears what the broker keeps where its memory is lost, and says only what differs', async () => {
    await writeFile(file, devices('A', 'B'));
    const first = await start();
    await said('a', 'b');
    await first.stop();
    await rm(join(folder, 'm1', 'topics-assigned'));
    broker.publish({ topic: 'guaita/host/m1/assigned/old', payload: 'from another version', qos: 1, retain: true });
    await writeFile(file, devices('A', 'C'));
    const heard: string[] = [];
    const listener = new MemoryBus(broker);
    await listener.start();
    releases.push(() => listener.stop());
    await listener.subscribe('guaita/host/m1/assigned/#', ({ topic, retain }) => void (retain || heard.push(topic)));
    await settled(await running());
    await said('a', 'c');
    await eventually(() =>
      expect(heard.sort()).toEqual(['b', 'c', 'old'].map((device) => `guaita/host/m1/assigned/${device}`)),
    );
  });

  it('applies a good change, keeps everything at a bad one, and recovers when that is mended', async () => {
    await writeFile(file, devices('A', 'B'));
    const monitor = await running();
    const { health, metrics, lines } = monitor;
    await said('a', 'b');

    await writeFile(file, devices('A', 'B', 'C').replace('192.0.2.2', '192.0.2').replace('192.0.2.3', 'x y'));
    await poll(monitor);
    await eventually(() => expect(health.ok).toBe(false));
    expect(health.parts.get('inventory')?.detail).toBe(
      `not applied, the inventory before it still holds: ${file}:3 devices[1].address: "192.0.2" is not an IP address or host name, and 1 more`,
    );
    expect(lines).toContain(`${file}:4 devices[2].address: "x y" is not an IP address or host name`);
    expect(await metrics.metrics()).toContain('guaita_assign_inventory_errors 2');
    expect(devicesSaid().assigned).toEqual(['a', 'b']);

    await writeFile(file, devices('A', 'C'));
    await poll(monitor);
    await said('a', 'c');
    expect(health.ok).toBe(true);
    expect(await metrics.metrics()).toContain('guaita_assign_inventory_errors 0');
    await until(() => expect(view()?.devices).toBe(2));
  });

  it('takes a file that vanishes for a mistake, never for an empty inventory', async () => {
    await writeFile(file, devices('A'));
    const monitor = await running();
    const { health } = monitor;
    await said('a');
    await rm(file);
    await poll(monitor);
    await eventually(() => expect(health.parts.get('inventory')?.detail).toContain('is not there; put it back'));
    expect(devicesSaid().assigned).toEqual(['a']);
    await writeFile(file, 'devices: []');
    await poll(monitor);
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
    await until(() => expect(view()?.devices).toBe(1));
  });

  it('tells whether it probes and is isolated, from what its ping service says and no longer than that is fresh', async () => {
    await writeFile(file, devices('A'));
    const { sayProbing } = await running();
    await said('a');
    sayProbing({ isolated: true });
    await until(() => expect(view()).toMatchObject({ probing: true, isolated: true }));
    sayProbing();
    await until(() => expect(view()).toMatchObject({ probing: true, isolated: false }));
    await clock.advance(20_000);
    await until(() => expect(view()).toMatchObject({ probing: false, isolated: false }));
  });
});
