import { MqttBus, Wire } from '@guaita/bus';
import { startMosquitto, startNamespace } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels, type Probing } from '@guaita/messages';
import { PING_DEFAULTS, type PingObservation } from '@guaita/model';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const monitor = 'm1';
/** Each has a route of its own, or none. */
const DEVICES = ['10.201.0.1', '10.202.0.1', '10.203.0.1'] as const;

/** Waits until something holds that others bring about. */
const until = (what: () => void): Promise<void> => eventually(what);

describe('the ping service on a host without a default route, by the kernel’s own routes', { timeout: 120_000 }, () => {
  const releases: (() => Promise<void>)[] = [];
  let observations: Map<string, PingObservation[]>;
  let probing: Probing[];
  let url: string;
  let wire: Wire;
  let namespace: Awaited<ReturnType<typeof startNamespace>>;

  const states = (device: string): (string | undefined)[] => (observations.get(device) ?? []).map(({ state }) => state);
  const route = (verb: 'add' | 'del', ...devices: readonly string[]): Promise<void> =>
    Promise.all(devices.map((device) => namespace.run('ip', ['route', verb, 'local', device, 'dev', 'lo']))).then(
      (all) => expect(all.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(devices.map(() => '0 ')),
    );

  beforeEach(async () => {
    observations = new Map();
    probing = [];
    namespace = await startNamespace({ networks: [] });
    releases.push(() => namespace.stop());
    const broker = await startMosquitto({});
    releases.push(() => broker.stop());
    ({ url } = broker);
    const bus = new MqttBus({ url, clientId: 'observer', log: () => undefined });
    wire = new Wire(bus, (error) => {
      throw error;
    });
    await wire.hear(channels.ping, { monitor }, ({ parameters: { device }, value }) => {
      if (value !== undefined) observations.set(device, [...(observations.get(device) ?? []), value]);
    });
    await wire.hear(channels.probing, { monitor }, ({ value }) => value !== undefined && probing.push(value));
    await bus.start();
    releases.push(() => bus.stop());
    const ping = { ...PING_DEFAULTS, interval_s: 3, count: 2, timeout_ms: 500 };
    for (const device of DEVICES) {
      wire.say(channels.assigned, { monitor, device }, { name: device, addresses: [device], checks: { ping } });
    }
  });

  afterEach(async () => {
    for (const release of releases.splice(0).reverse()) await release();
  });

  /** The service as its own process, that finds no gateway, with the routes of the namespace. */
  async function start(): Promise<void> {
    const data = await mkdtemp(join(tmpdir(), 'ping-'));
    releases.push(() => rm(data, { recursive: true }));
    const main = new URL('./main.ts', import.meta.url).pathname;
    const service = spawn(process.execPath, [main, '--broker', url, '--monitor', monitor, '--data', data], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        PATH: [await namespace.shims('fping'), process.env['PATH']].join(delimiter),
        GUAITA_HTTP_PORT: '0',
        GUAITA_LOG_LEVEL: 'error',
        GUAITA_PING_GATEWAY_ANCHOR: 'false',
      },
    });
    releases.push(async () => {
      service.kill('SIGTERM');
      await once(service, 'exit');
    });
  }

  it('is isolated when it starts without any route, and sees all devices once it has them', async () => {
    await start();
    await until(() => expect(probing.at(-1)).toMatchObject({ isolated: true, anchors: [] }));
    await until(() => {
      for (const device of DEVICES) expect(states(device).length).toBeGreaterThanOrEqual(4);
    });
    for (const device of DEVICES) expect(new Set(states(device))).toEqual(new Set(['unknown']));
    await route('add', ...DEVICES);
    await until(() => expect(probing.at(-1)).toMatchObject({ isolated: false }));
    await until(() => {
      for (const device of DEVICES) expect(states(device).at(-1)).toBe('up');
    });
    for (const device of DEVICES) expect(states(device)).not.toContain('down');
  });

  it('calls a device down whose route is withdrawn while it has others, and is isolated when it has none any more', async () => {
    await route('add', ...DEVICES);
    await start();
    await until(() => {
      for (const device of DEVICES) expect(states(device).at(-1)).toBe('up');
    });
    const [first, ...rest] = DEVICES;
    await route('del', first);
    await until(() => expect(states(first).at(-1)).toBe('down'));
    // And stays so, also while it is being looked for a way to anybody.
    const heard = states(first).length;
    await until(() => expect(states(first).length).toBeGreaterThanOrEqual(heard + 5));
    expect(new Set(states(first).slice(heard))).toEqual(new Set(['down']));
    expect(probing.every(({ isolated }) => !isolated)).toBe(true);
    await route('del', ...rest);
    await until(() => expect(probing.at(-1)).toMatchObject({ isolated: true }));
    for (const device of rest) expect(states(device)).not.toContain('down');
  });
});
