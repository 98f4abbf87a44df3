import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BusError, MemoryBroker, MemoryBus } from '@guaita/bus';
import { channels } from '@guaita/messages';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { BusFactory } from '../bus-factory.ts';
import { ManualClock } from '../clock.ts';
import { parseConfig, type Config } from '../config/parse.ts';
import { createMetrics } from '../metrics.ts';
import type { MonitorContext, ServiceContext, ServiceDefinition } from '../service.ts';
import { startServices, type RunningServices } from './start-services.ts';

const log = pino({ level: 'silent' });
const PING = 'guaita/monitor/lab/service/ping';
const SNMP = 'guaita/monitor/lab/service/snmp';

let data: string;
let broker: MemoryBroker;
let buses: MemoryBus[];
let steps: string[];

const makeBus: BusFactory = ({ clientId, will, kept_s }) => {
  const session = kept_s === undefined ? 'clean' : { kept_s };
  const bus = new MemoryBus(broker, { clientId, session, ...(will === undefined ? {} : { will }) });
  buses.push(bus);
  return bus;
};

interface Behaviour {
  readonly start?: (context: MonitorContext) => Promise<void>;
  readonly stop?: () => Promise<void>;
}

function service(name: string, behaviour: Behaviour = {}): ServiceDefinition {
  return {
    name,
    description: 'of the tests',
    config: z.strictObject({ text: z.string().default('x') }),
    create: (context, config) => ({
      async start() {
        steps.push(`start ${name} ${JSON.stringify(config)}`);
        await behaviour.start?.(context);
      },
      async stop() {
        steps.push(
          `stop ${name}, ${JSON.parse(broker.retained.get(`guaita/monitor/lab/service/${name}`) ?? '{}').state}`,
        );
        await behaviour.stop?.();
      },
    }),
  };
}

function configOf(definitions: readonly ServiceDefinition[]): Config {
  const text = `monitor: lab\ndata: ${data}\nhttp: {port: 0}\n`;
  const file = { name: 'guaita.yaml', text };
  const result = parseConfig({ definitions, file, env: {}, flags: [], hostName: 'x', readFile: () => '' });
  if ('problems' in result) throw new Error('the configuration of the test is wrong');
  return result.config;
}

function startAll(definitions: readonly ServiceDefinition[], signal?: AbortSignal): Promise<RunningServices> {
  const clock = new ManualClock();
  return startServices(definitions, configOf(definitions), { log, makeBus, clock }, signal);
}

const state = (topic: string): unknown => JSON.parse(broker.retained.get(topic) ?? 'null');
const presences = (): string[] => [...broker.retained.keys()].filter((topic) => topic.includes('/presence/'));
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'start-'));
  broker = new MemoryBroker();
  buses = [];
  steps = [];
});
afterEach(() => rm(data, { recursive: true, force: true }));

describe('services of one process', () => {
  test('start in order, stop side by side, each saying goodbye after its last words', async () => {
    const running = await startAll([service('ping'), service('snmp')]);
    await settle();
    expect(state(PING)).toEqual({ state: 'online', at: '2026-01-01T00:00:00.000Z' });
    expect(presences()).toHaveLength(2);
    await running.stop();
    expect(steps).toEqual([
      'start ping {"text":"x"}',
      'start snmp {"text":"x"}',
      'stop ping, online',
      'stop snmp, online',
    ]);
    expect([state(PING), state(SNMP)]).toMatchObject([{ state: 'offline' }, { state: 'offline' }]);
    expect(presences()).toEqual([]);
    expect(broker.clients).toEqual([]);
    expect((await readdir(data)).sort()).toEqual(['ping', 'snmp']);
  });

  test('a connection whose session the broker keeps finds it again after a restart, any other begins anew', async () => {
    const heard: string[] = [];
    const listens = service('storage', {
      start: async (context) => {
        const kept = context.connect({ purpose: 'kept', keepalive_s: 30, kept_s: 60 });
        const clean = context.connect({ purpose: 'clean', keepalive_s: 30 });
        for (const [name, bus] of Object.entries({ kept, clean })) {
          await bus.subscribe('a', ({ payload }) => heard.push(`${name} ${Buffer.from(payload).toString()}`));
          await bus.start();
        }
      },
    });
    await (await startAll([listens])).stop();
    for (const bus of buses) bus.kill();
    await settle();
    broker.publish({ topic: 'a', payload: 'missed', qos: 1, retain: false });
    const running = await startAll([listens]);
    await settle();
    expect(heard).toEqual(['kept missed']);
    await running.stop();
    for (const bus of buses) bus.kill();
  });

  test('when one cannot start, those before it are stopped and nothing is left', async () => {
    const fails = service('snmp', {
      start: async () => {
        throw new Error('no profiles');
      },
    });
    await expect(startAll([service('ping'), fails])).rejects.toThrow('no profiles');
    expect(steps.slice(-2)).toEqual(['stop snmp, undefined', 'stop ping, online']);
    expect(state(PING)).toMatchObject({ state: 'offline' });
    expect(broker.clients).toEqual([]);
    expect((await readdir(data)).sort()).toEqual(['ping', 'snmp']);
  });

  test('when one cannot stop, the others still do, and the error names it', async () => {
    const fails = service('snmp', {
      stop: async () => {
        throw new Error('a socket is stuck');
      },
    });
    const running = await startAll([service('ping'), fails]);
    await expect(running.stop()).rejects.toThrow('a socket is stuck');
    expect([state(PING), state(SNMP)]).toMatchObject([{ state: 'offline' }, { state: 'offline' }]);
    expect(broker.clients).toEqual([]);
  });

  test('stop side by side: one that hangs keeps none of the others waiting', async () => {
    const hanging = Promise.withResolvers<void>();
    const hangs = (name: string): ServiceDefinition => service(name, { stop: () => hanging.promise });
    const running = await startAll([service('ping'), hangs('snmp'), hangs('assign')]);
    const stopped = running.stop();
    await settle();
    expect(steps.slice(-3)).toEqual(['stop ping, online', 'stop snmp, online', 'stop assign, online']);
    expect(state(PING)).toMatchObject({ state: 'offline' });
    hanging.resolve();
    await stopped;
    expect(broker.clients).toEqual([]);
  });

  test('give up while they wait for the broker when they are told to', async () => {
    broker.stop();
    const abort = new AbortController();
    const starting = startAll([service('ping')], abort.signal);
    setTimeout(() => abort.abort(), 50);
    await expect(starting).rejects.toThrow(BusError);
    expect(steps).toEqual([]);
    expect(await readdir(data)).toEqual(['ping']);
  });

  test('can be started twice in one process with metrics of their own, and share those they are given', async () => {
    const metrics = createMetrics();
    const definitions = [service('ping'), service('snmp')];
    const running = await startServices(definitions, configOf(definitions), { log, makeBus, metrics });
    const text = await metrics.metrics();
    expect(text).toContain('guaita_bus_connected{service="ping"} 1');
    expect(text).toContain('guaita_bus_connected{service="snmp"} 1');
    await running.stop();
    expect(await metrics.metrics()).not.toContain('service="ping"');
    await (await startAll(definitions)).stop();
  });
});

describe('a service', () => {
  test('has what it needs: its folder, its wire, its health', async () => {
    let given: ServiceContext | undefined;
    const running = await startAll([service('ping', { start: async (context) => void (given = context) })]);
    expect(given).toMatchObject({ monitor: 'lab', site: 'home', dataDir: join(data, 'ping') });
    expect(given?.health.parts.get('broker')).toEqual({ ok: true, detail: '' });
    broker.stop();
    await settle();
    expect(given?.health.parts.get('broker')).toEqual({
      ok: false,
      detail: 'not connected to mqtt://127.0.0.1:1883; start a broker there, or name another with --broker',
    });
    broker.start();
    await settle();
    expect(given?.health.ok).toBe(true);
    await running.stop();
  });

  test('that is cut off says online again when it is back, in spite of its wills', async () => {
    const running = await startAll([service('ping')]);
    await settle();
    const before = { status: state(PING), presences: presences() };
    broker.cut();
    await settle();
    expect({ status: state(PING), presences: presences() }).toEqual(before);
    await running.stop();
  });

  test('that is killed is offline by its wills, and its presence is gone', async () => {
    const running = await startAll([service('ping')]);
    await settle();
    for (const bus of buses) bus.kill();
    expect(state(PING)).toEqual({ state: 'offline', at: '2026-01-01T00:00:00.000Z' });
    expect(presences()).toEqual([]);
    await running.stop();
  });

  test('counts and passes over messages that break the contract', async () => {
    const metrics = createMetrics();
    const heard: unknown[] = [];
    const definition = service('ping', {
      start: async ({ wire }) => void (await wire.hear(channels.assigned, {}, ({ value }) => heard.push(value))),
    });
    const running = await startServices([definition], configOf([definition]), { log, makeBus, metrics });
    broker.publish({ topic: 'guaita/host/lab/assigned/gateway', payload: '{"name":7}', qos: 1, retain: false });
    await settle();
    expect(heard).toEqual([]);
    expect(await metrics.metrics()).toContain('guaita_invalid_messages_total{service="ping"} 1');
    await running.stop();
  });
});
