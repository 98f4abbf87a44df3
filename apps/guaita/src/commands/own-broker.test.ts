import { parseConfig, type Config } from '@guaita/service';
import { MqttBus } from '@guaita/bus';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../broker/index.ts';
import { OWN_USER, sections } from '../sections.ts';
import { bringsBroker, ownBroker, reachable, type OwnBroker } from './own-broker.ts';

let data: string;
let logged: string[];
const stops: (() => Promise<void>)[] = [];
const log = pino(
  { base: null },
  { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) },
);

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'guaita-own-broker-'));
  logged = [];
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await rm(data, { recursive: true });
});

function configOf(text: string, env: Readonly<Record<string, string>> = {}): Config {
  const file = { name: 'guaita.yaml', text: `data: ${data}\n${text}` };
  const result = parseConfig({ definitions: sections, file, env, flags: [], hostName: 'x', readFile: () => '' });
  if ('problems' in result) throw new Error('the configuration of the test is wrong');
  return result.config;
}

async function started(text: string, env: Readonly<Record<string, string>> = {}): Promise<OwnBroker> {
  const own = ownBroker(configOf(text, env), log);
  await own.broker.start();
  stops.push(() => own.broker.stop());
  return own;
}

async function connects(url: string, user: { username?: string; password?: string }): Promise<boolean> {
  const { username, password } = user;
  const as = username === undefined || password === undefined ? {} : { username, password };
  const bus = new MqttBus({ url, clientId: 'test', log: () => undefined, ...as });
  try {
    await bus.start(AbortSignal.timeout(10_000));
    return true;
  } catch {
    return false;
  } finally {
    await bus.stop(100);
  }
}

// Each password costs an scrypt, which takes a busy small machine a second.
describe('the broker that guaita up brings', { timeout: 60_000 }, () => {
  it('without users takes everybody on this host', async () => {
    const { broker, mqtt } = await started('broker: { port: 0 }\n');
    expect(mqtt.username).toBeUndefined();
    expect(await connects(broker.url, {})).toBe(true);
  });

  it('with users takes nobody without a name, but its own services', async () => {
    const hash = await hashPassword('x');
    const { broker, mqtt } = await started(`broker: { port: 0, users: { ada: { password_hash: '${hash}' } } }\n`);
    expect(mqtt.username).toBe(OWN_USER);
    const { username, password } = mqtt;
    expect(await connects(broker.url, { username: username ?? '', password: password ?? '' })).toBe(true);
    expect(await connects(broker.url, { username: 'ada', password: 'x' })).toBe(true);
    expect(await connects(broker.url, {})).toBe(false);
  });

  it('takes or refuses those without a name as it is told', async () => {
    const hash = await hashPassword('x');
    const open = await started(`broker: { port: 0, anonymous: true, users: { ada: { password_hash: '${hash}' } } }\n`);
    expect(await connects(open.broker.url, {})).toBe(true);
    await stops.pop()?.();
    const closed = await started('broker: { port: 0, anonymous: false }\n');
    expect(await connects(closed.broker.url, {})).toBe(false);
  });

  it('with a site key listens beyond this host, and takes the other monitors by it, and clients here as before', async () => {
    const key = 'k'.repeat(32);
    const { broker, mqtt } = await started(`monitor: pi-1\nbroker: { port: 0, host: 0.0.0.0, site_key: ${key} }\n`);
    expect(mqtt.username).toBe(OWN_USER);
    expect(await connects(broker.url, { username: 'pi-2', password: key })).toBe(true);
    expect(await connects(broker.url, { username: 'pi-1', password: key })).toBe(false);
    expect(await connects(broker.url, { username: 'pi-2', password: 'x' })).toBe(false);
    expect(await connects(broker.url, {})).toBe(true);
  });

  it('leaves out the credentials of another broker, and says so', async () => {
    const env = { GUAITA_MQTT_USERNAME: 'ada', GUAITA_MQTT_PASSWORD: 'x' };
    const { mqtt, broker } = await started('broker: { port: 0 }\n', env);
    expect(mqtt).not.toHaveProperty('username');
    expect(mqtt).not.toHaveProperty('password');
    expect(logged.join()).toContain('mqtt.username and mqtt.password are for a broker that');
    expect(await connects(broker.url, mqtt as { username?: string })).toBe(true);
  });

  it('does not listen beyond this host without users', async () => {
    for (const host of ['0.0.0.0', '192.0.2.1']) {
      const { broker } = ownBroker(configOf(`broker: { port: 0, host: '${host}' }\n`), log);
      await expect(broker.start()).rejects.toThrow(`may not listen on ${host} without users`);
    }
  });
});

describe('a client on the same host', () => {
  it.each([
    ['', 'mqtt://127.0.0.1:1883'],
    ['broker: { port: 2883 }', 'mqtt://127.0.0.1:2883'],
    ["broker: { host: '0.0.0.0' }", 'mqtt://127.0.0.1:1883'],
    ["broker: { host: 'fd00::1', port: 2883 }", 'mqtt://[fd00::1]:2883'],
    ['broker: { port: 2883 }\nmqtt: { url: "mqtt://pi.lan:1883" }', 'mqtt://pi.lan:1883'],
  ])('of %j finds it at %s', (text, url) => {
    const config = configOf(`${text}\n`);
    expect(reachable(config).mqtt.url).toBe(url);
    expect(bringsBroker(config)).toBe(!text.includes('pi.lan'));
  });
});
