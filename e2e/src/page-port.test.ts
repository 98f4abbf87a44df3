import { freePort, startNamespace, tied, type Namespace } from '@guaita/lab';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@guaita/lab/eventually';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GuaitaProcess, MAIN } from './guaita-process.ts';
import { PING_SECTION } from './seeing-monitor.ts';

/** A monitor on this machine, which pings in a network of its own; its embedded broker lets nobody in without a name. */
let network: Namespace;
let folder: string;
let port: number;
let guaita: GuaitaProcess;
let mqttPort: number;
const tokens: Record<string, string> = {};
const pages: MqttClient[] = [];

beforeAll(async () => {
  [network, folder, port, mqttPort] = await Promise.all([
    startNamespace({ networks: ['10.200.0.0/16'] }),
    mkdtemp(join(tmpdir(), 'guaita-page-port-')),
    freePort(),
    freePort(),
  ]);
  const made = (
    [
      ['ada', 'operator'],
      ['vera', 'viewer'],
    ] as const
  ).map(([name, role]) => {
    const printed = execFileSync(process.execPath, [
      MAIN,
      'token',
      '--name',
      name,
      '--role',
      role,
      '--json',
    ]).toString();
    const { token, sha256 } = JSON.parse(printed) as { token: string; sha256: string };
    tokens[name] = token;
    return `    ${name}: { role: ${role}, sha256: ${sha256} }`;
  });
  const config = ['broker: { anonymous: false }', PING_SECTION, 'storage:', '  tokens:', ...made, ''];
  await writeFile(join(folder, 'guaita.yaml'), config.join('\n'));
  const head = 'defaults: { ping: { interval_s: 5, count: 1 } }\ndevices:';
  await writeFile(join(folder, 'devices.yaml'), `${head}\n  - { name: router, address: 10.200.0.1 }\n`);
  await start();
}, 120_000);
afterEach(() => {
  for (const page of pages.splice(0)) page.end(true);
});
afterAll(async () => {
  await guaita.stop('SIGKILL');
  await network.stop();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  const here = {
    spawn: (...[command, args, options = {}]: Parameters<Namespace['spawn']>) => tied(spawn(command, args, options)),
  };
  const flags = { monitor: 'pi-1', 'mqtt-port': String(mqttPort), 'http-port': String(port), devices: 'devices.yaml' };
  guaita = GuaitaProcess.up(here, flags, folder, await network.shims('fping'));
  await guaita.until(() => guaita.events[0], 'its first event');
}

async function ask(
  path: string,
  name: string,
  body?: unknown,
): Promise<{ status: number; value: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${tokens[name]}`, 'content-type': 'application/json' };
  const given = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`http://127.0.0.1:${port}/api/${path}`, { headers, ...given });
  return { status: response.status, value: (await response.json()) as Record<string, unknown> };
}

/** A page, as mqtt.js connects it: by the cookie that a login gave. */
async function page(
  headers: Record<string, string> = {},
): Promise<{ client: MqttClient; states: Map<string, unknown> }> {
  const url = `http://127.0.0.1:${port}`;
  const login = await fetch(`${url}/api/login`, {
    ...{ method: 'POST', body: JSON.stringify({ token: tokens['vera'] }) },
    headers: { 'content-type': 'application/json', origin: url },
  });
  const [cookie = ''] = (login.headers.get('set-cookie') ?? '').split(';');
  const wsOptions = { headers: { cookie, origin: url, ...headers } };
  const client = await connectAsync(
    `ws://127.0.0.1:${port}/mqtt`,
    { protocolVersion: 5, reconnectPeriod: 200, wsOptions },
    false,
  );
  pages.push(client);
  const states = new Map<string, unknown>();
  client.on('message', (topic, payload) => states.set(topic, JSON.parse(payload.toString()).state));
  return { client, states };
}

const STATE = 'guaita/device/router/state';

describe('the port of guaita up', { timeout: 180_000 }, () => {
  it('tells a page what changes as it changes, by a broker that it has no password for', async () => {
    const { client, states } = await page();
    await client.subscribeAsync('guaita/device/+/state', { qos: 0 });
    await eventually(() => expect(states.get(STATE)).toBe('up'));
    await network.silence('10.200.0.1');
    await eventually(() => expect(states.get(STATE)).toBe('down'));
    await eventually(async () => {
      expect((await ask('devices/router', 'vera')).value).toMatchObject({
        verdict: { state: 'down' },
        alerts: [{ kind: 'down' }],
      });
    });
    await network.wake('10.200.0.1');
    await eventually(() => expect(states.get(STATE)).toBe('up'));
  });

  it('lets an operator do what the command line does, and a viewer look on', async () => {
    const device = { device: 'ap', name: 'Roof AP', addresses: ['10.200.0.2'] };
    const refused = await ask('commands/devices/add', 'vera', { devices: [device] });
    expect(refused).toMatchObject({ status: 403, value: { problem: expect.stringContaining('"vera" is a viewer') } });
    const lost = await ask('commands/devices/add', 'ada', { devices: [{ ...device, parents: ['nobody'] }] });
    expect(lost).toMatchObject({ status: 400, value: { problem: expect.stringContaining('parent "nobody"') } });
    const added = await ask('commands/devices/add', 'ada', { devices: [device] });
    expect(added).toEqual({ status: 200, value: { ok: true, monitor: 'pi-1' } });
    await eventually(async () => {
      const { devices } = (await ask('devices?text=roof&state=up', 'vera')).value;
      expect(devices).toMatchObject([{ device: 'ap', monitors: ['pi-1'] }]);
    });
    const silence = await ask('commands/silence/add', 'ada', {
      silence: 's-1',
      devices: ['ap'],
      why: 'a test',
      for_s: 60,
    });
    expect(silence.value).toMatchObject({ ok: true, silence: 's-1' });
  });

  it('tells what was, as it is written down', async () => {
    const from = new Date(Date.now() - 600_000).toISOString();
    const { resolution, columns, monitors } = (await ask(`series?device=router&from=${from}`, 'vera')).value as {
      readonly resolution: string;
      readonly columns: readonly string[];
      readonly monitors: Readonly<Record<string, readonly (readonly unknown[])[]>>;
    };
    expect(resolution).toBe('raw');
    const received = columns.indexOf('received');
    expect(new Set(monitors['pi-1']?.map((row) => row[received]))).toEqual(new Set([0, 1]));
    const { events } = (await ask('events?device=router&kind=verdict', 'vera')).value as {
      readonly events: readonly { readonly what: string }[];
    };
    expect(events.map(({ what }) => what)).toEqual(expect.arrayContaining(['up', 'down']));
    const { worst } = (await ask('worst', 'vera')).value;
    expect(worst).toMatchObject([{ device: 'router' }, { device: 'ap', value: 0 }]);
    const { availability } = (await ask('availability?device=router', 'vera')).value;
    expect(availability).toContainEqual(expect.objectContaining({ device: 'router', down_s: expect.any(Number) }));
    const csv = await fetch(`http://127.0.0.1:${port}/api/series?device=router&from=${from}&format=csv`, {
      headers: { authorization: `Bearer ${tokens['vera']}` },
    });
    expect((await csv.text()).split('\r\n', 1)).toEqual([['monitor', ...columns].join(',')]);
    expect((await ask('series?device=ruoter', 'vera')).status).toBe(404);
    expect((await ask('availability?device=ruoter', 'vera')).status).toBe(404);
  });

  it('holds up nobody for a page that does not read', async () => {
    const deaf = await page();
    await deaf.client.subscribeAsync('guaita/monitor/#');
    // As a browser whose tab hangs: its socket is not read any more.
    (deaf.client.stream as unknown as { pause(): void }).pause();
    const { client, states } = await page();
    await client.subscribeAsync('guaita/device/+/state', { qos: 0 });
    await eventually(() => expect(states.get(STATE)).toBe('up'));
    await network.silence('10.200.0.1');
    await eventually(() => expect(states.get(STATE)).toBe('down'));
    await network.wake('10.200.0.1');
  });

  it('is found again by a page when the monitor is back after a kill', async () => {
    const { client, states } = await page();
    await client.subscribeAsync('guaita/device/+/state', { qos: 0 });
    await eventually(() => expect(states.get(STATE)).toBe('up'));
    states.clear();
    await guaita.stop('SIGKILL');
    await start();
    await eventually(() => expect(states.get(STATE)).toBe('up'));
    expect((await ask('me', 'ada')).value).toMatchObject({ name: 'ada', role: 'operator', monitor: 'pi-1' });
  });

  it('is not the way in for another site’s page', async () => {
    await expect(page({ origin: 'http://evil.example' })).rejects.toThrow();
    const { client } = await page();
    await expect(client.subscribeAsync('guaita/host/#')).rejects.toThrow(/authori[sz]ed/i);
  });
});
