import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttBus, Wire } from '@guaita/bus';
import {
  end,
  freePort,
  startMosquitto,
  startSnmpd,
  startSnmpsim,
  type Mosquitto,
  type Snmpd,
  type Snmpsim,
} from '@guaita/lab';
import { channels } from '@guaita/messages';
import type { SnmpObservation } from '@guaita/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IF, SYS_NAME } from './mib.ts';
import { sampleOptics, sampleSwitch, sampleUps, system } from './sample-agents.ts';

const MONITOR = 'watch';
const SECRETS = ['s3cr3t-community', 's3cr3t-auth-pass', 's3cr3t-priv-pass'];

let broker: Mosquitto;
let fast: Snmpd;
let frozen: Snmpd;
let recorded: Snmpsim;
let service: ChildProcess;
let folder: string;
let httpPort: number;
/** All that the service wrote, and all that passed the broker. */
let said = '';
const observations = new Map<string, SnmpObservation[]>();
let wire: Wire;
let bus: MqttBus;

function assign(device: string, profile: string, addresses: string[], port: number, interval_s = 1): void {
  const snmp = { profile, interval_s, port };
  wire.say(channels.assigned, { monitor: MONITOR, device }, { name: device, addresses, checks: { snmp } });
}

function newest(device: string): SnmpObservation | undefined {
  return observations.get(device)?.at(-1);
}

beforeAll(async () => {
  // A recording whose every answer takes a second and a half.
  const slow = `${system('slow', 900_000)
    .filter(({ oid }) => oid === `${SYS_NAME}.0` || oid.startsWith('1.3.6.1.2.1.1.3'))
    .map(({ oid, type }) => (type === 'string' ? `${oid}|4:delay|value=slow,wait=1500` : `${oid}|67|900000`))
    .reverse()
    .join('\n')}\n`;
  [broker, fast, frozen, recorded, folder, httpPort] = await Promise.all([
    startMosquitto(),
    startSnmpd({
      addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.9'],
      communities: [SECRETS[0]!],
      users: [
        {
          name: 'watcher',
          auth: { protocol: 'SHA-256', password: SECRETS[1]! },
          priv: { protocol: 'AES', password: SECRETS[2]! },
        },
      ],
    }),
    startSnmpd(),
    startSnmpsim({ recordings: { switch: sampleSwitch(500), ups: sampleUps(), optics: sampleOptics(), slow } }),
    mkdtemp(join(tmpdir(), 'guaita-snmp-')),
    freePort(),
  ]);
  frozen.freeze();
  const profiles = {
    fast: { community: SECRETS[0], allowed: ['127.0.0.0/8'] },
    v3: {
      version: '3',
      user: 'watcher',
      auth: { protocol: 'sha256', password: SECRETS[1] },
      priv: { protocol: 'aes', password: SECRETS[2] },
      allowed: ['127.0.0.0/8'],
      collect: ['interfaces', 'host'],
      extra: { requests: { oid: '.1.3.6.1.2.1.11.1.0', unit: 'packets', kind: 'counter' } },
    },
    wrong: { version: '3', user: 'watcher', auth: { password: 'wr0ng-auth-pass' }, allowed: ['127.0.0.0/8'] },
    elsewhere: { community: SECRETS[0], allowed: ['10.0.0.0/8'] },
    switch: { community: 'switch', allowed: ['127.0.0.1'], timeout_ms: 5000 },
    ups: { community: 'ups', allowed: ['127.0.0.1'], collect: ['ups'] },
    optics: { community: 'optics', allowed: ['127.0.0.1'], collect: ['sensors'] },
    slow: { community: 'slow', allowed: ['127.0.0.1'], collect: [], timeout_ms: 5000 },
    silent: { community: 'public', allowed: ['127.0.0.1'], timeout_ms: 1000, retries: 0 },
  };
  const config = join(folder, 'guaita.yaml');
  await writeFile(config, JSON.stringify({ snmp: { profiles, max_concurrent: 20 } }));
  bus = new MqttBus({ url: broker.url, clientId: 'test' });
  wire = new Wire(bus, (error) => {
    throw error;
  });
  await bus.subscribe('#', ({ topic, payload }) => {
    said += `${topic} ${Buffer.from(payload).toString()}\n`;
  });
  await wire.hear(channels.snmp, { monitor: MONITOR }, ({ parameters: { device }, value }) => {
    if (value === undefined) observations.delete(device);
    else observations.set(device, [...(observations.get(device) ?? []), value]);
  });
  await bus.start();
  service = spawn(
    process.execPath,
    [
      new URL('./main.ts', import.meta.url).pathname,
      ...['--config', config, '--broker', broker.url, '--monitor', MONITOR, '--data', folder],
    ],
    { env: { ...process.env, GUAITA_LOG_LEVEL: 'trace', GUAITA_HTTP_PORT: String(httpPort) } },
  );
  for (const stream of [service.stdout!, service.stderr!]) {
    stream.on('data', (text: Buffer) => {
      said += text.toString();
    });
  }
}, 90_000);

afterAll(async () => {
  await end(service);
  await bus.stop();
  await Promise.all([broker.stop(), fast.stop(), frozen.stop(), recorded.stop()]);
  await rm(folder, { recursive: true, force: true });
});

describe('the snmp service', () => {
  it('polls what it is assigned and says what it sees, at once and then each interval', async () => {
    assign('router', 'fast', ['127.0.0.1'], fast.port);
    await expect.poll(() => observations.get('router')?.length ?? 0).toBeGreaterThan(2);
    expect(newest('router')).toMatchObject({ state: 'up', address: '127.0.0.1', interfaces: { lo: { oper: 'up' } } });
    const first = observations.get('router')?.[0];
    expect(first?.interfaces['lo']).toMatchObject({ rates_unknown: 'first poll' });
    expect(typeof newest('router')?.interfaces['lo']?.in_bps).toBe('number');
  });

  it('speaks version 3 with authentication and privacy, and reads a host and extra objects', async () => {
    assign('secure', 'v3', ['127.0.0.2'], fast.port);
    await expect.poll(() => newest('secure')?.extra?.['requests']?.per_s).toBeGreaterThan(0);
    expect(newest('secure')?.host?.memory_total_bytes).toBeGreaterThan(0);
    expect(Object.keys(newest('secure')?.host?.storage ?? {})).not.toHaveLength(0);
  });

  it('takes a wrong password for what it is', async () => {
    assign('mistaken', 'wrong', ['127.0.0.3'], fast.port);
    await expect.poll(() => newest('mistaken')?.state).toBe('unknown');
    expect(newest('mistaken')?.reason).toMatch(/refused|not authentic/);
  });

  it('sends nothing to a device outside its profile’s networks', async () => {
    assign('stranger', 'elsewhere', ['::ffff:127.0.0.1', 'localhost'], fast.port);
    await expect.poll(() => newest('stranger')?.state).toBe('unknown');
    expect(newest('stranger')?.reason).toMatch(/outside the networks that profile "elsewhere" may be sent to/);
  });

  it('reads recorded devices: a switch with 500 interfaces, a power supply, optics', async () => {
    assign('switch', 'switch', ['127.0.0.1'], recorded.port, 60);
    assign('ups', 'ups', ['127.0.0.1'], recorded.port, 60);
    assign('optics', 'optics', ['127.0.0.1'], recorded.port, 60);
    await expect.poll(() => Object.keys(newest('switch')?.interfaces ?? {}).length).toBe(500);
    expect(newest('ups')?.ups).toMatchObject({ battery: 'normal', charge_percent: 87 });
    expect(newest('optics')?.sensors).toMatchObject({ 'xe-0/0/1 temperature': { value: 41.5, unit: 'celsius' } });
    expect(newest('switch')?.interfaces['Gi1/0/500']?.[`in_octets`]).toBe(10_000_000_499);
    expect(Object.keys(newest('switch')?.missing ?? {}).join()).not.toContain(IF.name);
  });

  it('never lets a silent or a slow agent delay another', async () => {
    // Far more silent devices than there are places.
    for (let index = 0; index < 40; index += 1) assign(`silent-${index}`, 'silent', ['127.0.0.1'], frozen.port);
    assign('slow', 'slow', ['127.0.0.1'], recorded.port);
    await expect.poll(() => newest('silent-0')?.state).toBe('down');
    const before = observations.get('router')?.length ?? 0;
    const from_ms = performance.now();
    await expect.poll(() => (observations.get('router')?.length ?? 0) - before).toBeGreaterThanOrEqual(8);
    // Eight polls at one a second.
    expect(performance.now() - from_ms).toBeLessThan(16_000);
    expect(newest('router')?.state).toBe('up');
    await expect.poll(() => newest('silent-39')?.state).toBe('down');
    assign('late', 'fast', ['127.0.0.9'], fast.port);
    await expect.poll(() => newest('late')?.state).toBe('up');
  });

  it('sees an agent go and come back', async () => {
    fast.freeze();
    await expect.poll(() => newest('router')?.state).toBe('down');
    expect(newest('router')?.reason).toMatch(/no whole answer in time|no answer within/);
    fast.thaw();
    await expect.poll(() => newest('router')?.state).toBe('up');
  });

  it('says no rate across an agent’s restart', async () => {
    await fast.restart();
    await expect
      .poll(() => observations.get('router')?.some(({ interfaces }) => interfaces['lo']?.rates_unknown === 'reboot'))
      .toBe(true);
    await expect.poll(() => typeof newest('router')?.interfaces['lo']?.in_bps).toBe('number');
    await expect.poll(() => newest('secure')?.state).toBe('up');
  });

  it('clears what it said of a device that is released', async () => {
    wire.clear(channels.assigned, { monitor: MONITOR, device: 'router' });
    await expect.poll(() => observations.has('router')).toBe(false);
  });

  it('counts what it does', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
    said += metrics;
    expect(metrics).toMatch(/guaita_snmp_polls_total\{[^}]*state="up"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/guaita_snmp_polls_total\{[^}]*state="down"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/guaita_snmp_devices 4\d/);
  });

  it('has said no secret anywhere: not in MQTT, log or metrics', async () => {
    const health = await fetch(`http://127.0.0.1:${httpPort}/healthz`);
    said += await health.text();
    expect(health.status).toBe(200);
    expect(said.length).toBeGreaterThan(10_000);
    for (const secret of [...SECRETS, 'wr0ng-auth-pass']) expect(said).not.toContain(secret);
  });

  it('stops in good order', async () => {
    const ended = once(service, 'exit');
    service.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });
}, 60_000);
