import { startBridgedMosquittos, startNamespace, tied, type Mosquitto, type Namespace } from '@guaita/lab';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuaitaProcess } from './guaita-process.ts';
import { Listener } from './listener.ts';

const NAMES = ['ada', 'bob', 'cara'] as const;
type Name = (typeof NAMES)[number];
const BEHIND = Array.from({ length: 30 }, (_, n) => `ap-${n + 1}`);
const DEVICES = ['router', 'server', ...BEHIND] as const;
const INTERVAL_s = 2;
/** What would come comes within this: a round of probes and its confirmations, and the judging. */
const CALM_ms = 8_000;
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 90_000, interval: 100 };

/**
 * Three monitors of one site, each with a Mosquitto that pushes its subtree to the others. What each pings it pings from
 * a network of its own, where all devices are: so that one may find silent what answers another.
 */
const networks = new Map<Name, Namespace>();
let brokers: Map<string, Mosquitto>;
/** Where brokers, monitors and the strangers are who listen: on loopback only. */
const thisMachine: Pick<Namespace, 'spawn'> = {
  spawn: (command, args, options = {}) => tied(spawn(command, args, options)),
};
let folder: string;
const monitors = new Map<Name, GuaitaProcess>();
const listeners = new Map<Name, Listener>();
/** What was said at each broker since the part of the story began, in few words. */
const told = new Map<Name, string[]>();
/** Of what was said at each broker, all the story long, the ids. */
const ids = new Map<Name, unknown[]>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-story-'));
  await writeFile(join(folder, 'devices.yaml'), inventory());
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  await writeFile(join(folder, 'guaita.yaml'), configuration());
  brokers = await startBridgedMosquittos(NAMES);
  for (const name of NAMES) networks.set(name, await startNamespace({ networks: ['10.200.0.0/16'] }));
  for (const name of NAMES) {
    const { port } = brokers.get(name)!;
    const listener = new Listener(thisMachine, port, 'guaita/#');
    listener.watch(({ topic, value }) => {
      if (!topic.startsWith('guaita/alert/') || value === undefined) return;
      const { id, resolves, kind, subject } = value;
      ids.set(name, [...(ids.get(name) ?? []), id]);
      told.set(name, [
        ...(told.get(name) ?? []),
        `${resolves === true ? 'end of ' : ''}${String(kind)} ${String(subject)}`,
      ]);
    });
    listeners.set(name, listener);
    monitors.set(name, await start(name));
  }
  await calm();
}, 300_000);

afterAll(async () => {
  for (const listener of listeners.values()) await listener.stop();
  for (const monitor of monitors.values()) await monitor.stop('SIGKILL');
  for (const broker of brokers.values()) await broker.stop();
  for (const network of networks.values()) await network.stop();
  await rm(folder, { recursive: true });
});

function inventory(): string {
  const behind = BEHIND.map((name, n) => `  - { name: ${name}, address: ${address(n + 10)}, parents: [router] }`);
  return [
    `defaults: { ping: { interval_s: ${INTERVAL_s}, count: 1 } }`,
    'devices:',
    `  - { name: router, address: ${address(1)} }`,
    `  - { name: server, address: ${address(2)} }`,
    ...behind,
    '',
  ].join('\n');
}

function address(n: number): string {
  return `10.200.0.${n}`;
}

function configuration(): string {
  return [
    // Nothing but what is in the networks made here is pinged.
    `ping: { engine: fping, gateway_anchor: false, anchors: [${address(250)}], allowed_networks: [10.200.0.0/16] }`,
    'alert: { hold: { up_s: 2, disputed_s: 2 }, disputed_after_s: 5 }',
    '',
  ].join('\n');
}

async function start(name: Name): Promise<GuaitaProcess> {
  const flags = {
    ...{ monitor: name, site: 'home', broker: brokers.get(name)!.url, 'http-port': '0', data: join(folder, name) },
    ...{ config: 'guaita.yaml', devices: name === 'ada' ? 'devices.yaml' : 'none.yaml', 'monitors-per-device': '3' },
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  return new GuaitaProcess(thisMachine, ['up', ...args, '--json'], folder, await networks.get(name)!.shims('fping'));
}

async function silence(names: readonly Name[], ...addresses: readonly string[]): Promise<void> {
  for (const name of names) await networks.get(name)!.silence(...addresses);
}

async function wake(names: readonly Name[], ...addresses: readonly string[]): Promise<void> {
  for (const name of names) await networks.get(name)!.wake(...addresses);
}

/** What the broker of a monitor keeps of a device. */
function state(name: Name, device: string): Readonly<Record<string, unknown>> | undefined {
  return listeners.get(name)?.newest.get(`guaita/device/${device}/state`);
}

/** Waits until each broker says that devices are in some state. */
async function all(expected: string, devices: readonly string[]): Promise<void> {
  await vi.waitFor(() => {
    for (const name of NAMES)
      for (const device of devices)
        expect(state(name, device), `${device} at ${name}`).toMatchObject({ state: expected });
  }, PATIENCE);
}

/** Waits until each device is up for three monitors at each broker. */
async function calm(): Promise<void> {
  await vi.waitFor(() => {
    for (const name of NAMES)
      for (const device of DEVICES) {
        const up = NAMES.map((monitor) => ({ monitor, sees: 'answering', counts: true }));
        expect(state(name, device), `${device} at ${name}`).toMatchObject({ state: 'up', seen_by: up });
      }
  }, PATIENCE);
}

/** Waits until just this was said at every broker, and sees that nothing more is. */
async function story(...lines: readonly string[]): Promise<void> {
  await vi.waitFor(() => {
    for (const name of NAMES) expect(told.get(name), name).toHaveLength(lines.length);
  }, PATIENCE);
  await pause(CALM_ms);
  for (const name of NAMES) expect(told.get(name), name).toEqual(lines);
}

describe('three monitors with a broker each', { timeout: 400_000 }, () => {
  beforeEach(() => {
    for (const name of NAMES) told.set(name, []);
  });

  it('tell of a router that dies, and not of the thirty devices behind it', async () => {
    const gone = [address(1), ...BEHIND.map((_, n) => address(n + 10))];
    await silence(NAMES, ...gone);
    await all('down', ['router']);
    await all('unreachable', BEHIND);
    await story('down router');
    await wake(NAMES, ...gone);
    await calm();
    await story('down router', 'end of down router');
  });

  it('tell of a monitor whose cable is pulled, and of no device', async () => {
    await networks.get('cara')!.pullCable();
    await story('monitor-isolated cara');
    await networks.get('cara')!.plugCable();
    await calm();
    await story('monitor-isolated cara', 'end of monitor-isolated cara');
  });

  it('tell that a device is down for two of three, and name who sees it otherwise', async () => {
    await silence(['ada', 'bob'], address(2));
    await all('down', ['server']);
    for (const name of NAMES)
      expect(state(name, 'server')).toMatchObject({ reason: 'down for ada and bob, answering for cara' });
    await story('down server');
    await wake(['ada', 'bob'], address(2));
    await calm();
    await story('down server', 'end of down server');
  });

  it('call a device disputed that is down for one of three, and tell of it when that lasts', async () => {
    await silence(['bob'], address(2));
    await all('disputed', ['server']);
    await story('disputed server');
    await wake(['bob'], address(2));
    await calm();
    await story('disputed server', 'end of disputed server');
  });

  it('have named each alert alike at all brokers', () => {
    const [first, ...others] = NAMES.map((name) => ids.get(name));
    expect(first).toHaveLength(8);
    for (const other of others) expect(other).toEqual(first);
  });
});
