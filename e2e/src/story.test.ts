import { startBridgedMosquittos, type Mosquitto } from '@guaita/lab';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAIN } from './guaita-process.ts';
import { alertNode, flow, seen } from './node-red/flows.ts';
import { startNodeRed, type NodeRed } from './node-red/node-red.ts';
import { inFewWords } from './listener.ts';
import { PING_SECTION, SeeingMonitor } from './seeing-monitor.ts';

const ROUTER = '10.200.0.1';
const SERVER = '10.200.0.2';
const BEHIND = Array.from({ length: 30 }, (_, n) => ({ name: `ap-${n + 1}`, address: `10.200.0.${n + 10}` }));
const NAMES_BEHIND = BEHIND.map(({ name }) => name);
const DEVICES = ['router', 'server', ...NAMES_BEHIND] as const;
/** What would come comes within this: a round of probes and its confirmations, and the judging. */
const CALM_ms = 8_000;

/** Three monitors of one site, each with a Mosquitto that pushes its subtree to the others. */
const [ada, bob, cara] = [new SeeingMonitor('ada'), new SeeingMonitor('bob'), new SeeingMonitor('cara')];
const MONITORS = [ada, bob, cara] as const;
let brokers: Map<string, Mosquitto>;
/** Node-RED, with a node of ours that hears alerts at one of the brokers. */
let nodeRed: NodeRed;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-story-'));
  await writeFile(join(folder, 'devices.yaml'), inventory());
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  await writeFile(
    join(folder, 'guaita.yaml'),
    `${PING_SECTION}\nalert: { hold: { up_s: 2, disputed_s: 2 }, disputed_after_s: 5 }\n`,
  );
  brokers = await startBridgedMosquittos(MONITORS.map(({ name }) => name));
  for (const monitor of MONITORS) {
    const { port, url } = brokers.get(monitor.name)!;
    const devices = monitor === ada ? 'devices.yaml' : 'none.yaml';
    const flags = { site: 'home', broker: url, config: 'guaita.yaml', devices, 'monitors-per-device': '3' };
    await monitor.start(port, flags, folder);
  }
  nodeRed = await startNodeRed();
  await nodeRed.deploy(flow({ url: brokers.get(cara.name)!.url }, alertNode('alerts', 'out'), seen('out')));
  await allUp();
}, 300_000);

afterAll(async () => {
  await nodeRed.stop();
  for (const monitor of MONITORS) await monitor.stop();
  for (const broker of brokers.values()) await broker.stop();
  await rm(folder, { recursive: true });
});

function inventory(): string {
  return [
    'defaults: { ping: { interval_s: 2, count: 1 } }',
    'devices:',
    `  - { name: router, address: ${ROUTER} }`,
    `  - { name: server, address: ${SERVER} }`,
    ...BEHIND.map(({ name, address }) => `  - { name: ${name}, address: ${address}, parents: [router] }`),
    '',
  ].join('\n');
}

async function silence(monitors: readonly SeeingMonitor[], ...addresses: readonly string[]): Promise<void> {
  for (const { network } of monitors) await network.silence(...addresses);
}

async function wake(monitors: readonly SeeingMonitor[], ...addresses: readonly string[]): Promise<void> {
  for (const { network } of monitors) await network.wake(...addresses);
}

/** Waits until each broker says so of each of these devices. */
async function all(devices: readonly string[], expected: Readonly<Record<string, unknown>>): Promise<void> {
  await eventually(() => {
    for (const monitor of MONITORS)
      for (const device of devices)
        expect(monitor.state(device), `${device} at ${monitor.name}`).toMatchObject(expected);
  });
}

/** Waits until each device is up for three monitors at each broker. */
async function allUp(): Promise<void> {
  const seen_by = MONITORS.map(({ name }) => ({ monitor: name, sees: 'answering', counts: true }));
  await all(DEVICES, { state: 'up', seen_by });
}

/** Waits until just this was said at every broker since this part of the story began, and sees that nothing more is. */
async function story(...lines: readonly string[]): Promise<void> {
  await eventually(() => {
    for (const { name, told } of MONITORS) expect(told, name).toHaveLength(lines.length);
  });
  await pause(CALM_ms);
  for (const { name, told } of MONITORS) expect(told, name).toEqual(lines);
  const shown = (nodeRed.debug.get('out') ?? []) as Readonly<Record<string, unknown>>[];
  expect(shown.map(inFewWords), 'Node-RED').toEqual(lines);
}

/** Runs our command line at the broker of a monitor. */
async function guaita({ name }: SeeingMonitor, ...args: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [MAIN, ...args, '--broker', brokers.get(name)!.url], { cwd: folder });
}

describe('three monitors with a broker each', { timeout: 400_000 }, () => {
  beforeEach(() => {
    for (const { told } of MONITORS) told.splice(0);
    nodeRed.debug.clear();
  });

  it('tell of a router that dies, and not of the thirty devices behind it', async () => {
    const gone = [ROUTER, ...BEHIND.map(({ address }) => address)];
    await silence(MONITORS, ...gone);
    await all(['router'], { state: 'down' });
    await all(NAMES_BEHIND, { state: 'unreachable' });
    await story('down router');
    await wake(MONITORS, ...gone);
    await allUp();
    await story('down router', 'end of down router');
  });

  it('tell of a monitor whose cable is pulled, and of no device', async () => {
    await cara.network.pullCable();
    await story('monitor-isolated cara');
    await cara.network.plugCable();
    await allUp();
    await story('monitor-isolated cara', 'end of monitor-isolated cara');
  });

  it('tell that a device is down for two of three, and name who sees it otherwise', async () => {
    await silence([ada, bob], SERVER);
    await all(['server'], { state: 'down', reason: 'down for ada and bob, answering for cara' });
    await story('down server');
    await wake([ada, bob], SERVER);
    await allUp();
    await story('down server', 'end of down server');
  });

  it('call a device disputed that is down for one of three, and tell of it when that lasts', async () => {
    await silence([bob], SERVER);
    await all(['server'], { state: 'disputed' });
    await story('disputed server');
    await wake([bob], SERVER);
    await allUp();
    await story('disputed server', 'end of disputed server');
  });

  it('hold a silence at all brokers that is set at one, and tell what is open when it is taken away at another', async () => {
    await guaita(ada, 'silence', 'add', '--id', 'quiet', '--device', 'server', '--for', '1h', '--why', 'a test');
    await silence(MONITORS, SERVER);
    await all(['server'], { state: 'down' });
    await story();
    await guaita(bob, 'silence', 'remove', 'quiet');
    await story('down server');
    await wake(MONITORS, SERVER);
    await allUp();
    await story('down server', 'end of down server');
  });

  it('have named each alert alike at all brokers', () => {
    expect(ada.ids).toHaveLength(10);
    for (const { ids } of [bob, cara]) expect(ids).toEqual(ada.ids);
  });
});
