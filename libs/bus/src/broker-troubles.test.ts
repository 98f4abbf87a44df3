import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, describe, expect, test } from 'vitest';
import type { OutgoingMessage } from './bus.ts';
import { MqttBus, type MqttBusOptions } from './mqtt-bus.ts';

const PATIENCE_ms = 30_000;

const brokers: Mosquitto[] = [];
const buses: MqttBus[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const broker of brokers) broker.thaw();
  await Promise.all(buses.splice(0).map((bus) => bus.stop(100)));
  await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function mosquitto(options: Parameters<typeof startMosquitto>[0] = {}): Promise<Mosquitto> {
  const broker = await startMosquitto(options);
  brokers.push(broker);
  return broker;
}

function makeBus(broker: Mosquitto, options: Partial<MqttBusOptions> = {}): MqttBus {
  const bus = new MqttBus({ url: broker.url, clientId: `client-${buses.length}`, log: () => {}, ...options });
  buses.push(bus);
  return bus;
}

async function started(broker: Mosquitto, options: Partial<MqttBusOptions> = {}): Promise<MqttBus> {
  const bus = makeBus(broker, options);
  await bus.start(AbortSignal.timeout(PATIENCE_ms));
  return bus;
}

/** Every retained message under a filter, by topic. */
async function retained(broker: Mosquitto, filter: string, expected: number): Promise<Map<string, string>> {
  const bus = await started(broker);
  const found = new Map<string, string>();
  await bus.subscribe(filter, ({ topic, payload }) => found.set(topic, Buffer.from(payload).toString()));
  await eventually(() => expect(found.size).toBeGreaterThanOrEqual(expected));
  return found;
}

function state(topic: string, payload: string): OutgoingMessage {
  return { topic, payload, qos: 1, retain: true };
}

describe('a bus and a Mosquitto in trouble', { timeout: 4 * PATIENCE_ms }, () => {
  test('while the broker is frozen, 5,000 states are kept and measurements that find no room are counted', async () => {
    // The bus gives the frozen broker up only after its keepalive, longer than this test waits: all goes over one
    // connection, through Mosquitto's default limits (20 in flight, 1,000 queued).
    const broker = await mosquitto();
    const bus = await started(broker, { outboxLimit: 6_000, keepalive_s: 60 });
    broker.freeze();
    for (let n = 0; n < 5_000; n += 1) {
      bus.publish({ ...state(`seen/${n}`, 'x'), measurement: true });
      bus.publish(state(`state/${n}`, String(n)));
    }
    expect(bus.outbox).toEqual({ waiting: 6_000, dropped: 4_000, rejected: 0 });
    broker.thaw();
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    expect(bus.outbox).toEqual({ waiting: 0, dropped: 4_000, rejected: 0 });
    const found = await retained(broker, 'state/#', 5_000);
    expect(found.size).toBe(5_000);
    for (const [topic, payload] of found) expect(topic).toBe(`state/${payload}`);
    expect((await retained(broker, 'seen/#', 1_000)).size).toBe(1_000);
  });

  test('a broker that freezes for longer than the keepalive is left, and told everything once it runs again', async () => {
    const broker = await mosquitto();
    const bus = await started(broker, { keepalive_s: 1 });
    bus.publish(state('before', 'x'));
    await bus.flushed();
    broker.freeze();
    for (let n = 0; n < 1_000; n += 1) bus.publish(state(`state/${n}`, String(n)));
    await eventually(() => expect(bus.connected).toBe(false));
    broker.thaw();
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    expect((await retained(broker, 'state/#', 1_000)).size).toBe(1_000);
  });

  test('a connection on which nothing is said for longer than the keepalive stays', async () => {
    const broker = await mosquitto();
    const bus = await started(broker, { keepalive_s: 1 });
    const changes: boolean[] = [];
    bus.onConnection((connected) => changes.push(connected));
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(changes).toEqual([]);
  });

  test('restarted empty it is told 5,000 states again, and no observation that has expired', async () => {
    const broker = await mosquitto();
    const bus = await started(broker);
    for (let n = 0; n < 5_000; n += 1) bus.publish(state(`state/${n}`, String(n)));
    bus.publish({ ...state('seen/1', 'x'), measurement: true, expiry_s: 1 });
    bus.publish({ ...state('short/1', 'x'), expiry_s: 1 });
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await broker.restart({ empty: true });
    expect((await retained(broker, '#', 5_000)).size).toBe(5_000);
  });

  test('20,000 retained messages reach a subscriber past Mosquitto’s default queue limit', async () => {
    const broker = await mosquitto();
    const bus = await started(broker);
    for (let n = 0; n < 20_000; n += 1) bus.publish(state(`many/${n}`, 'x'));
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    expect((await retained(broker, 'many/+', 20_000)).size).toBe(20_000);
  });

  test('a message that the broker does not authorize is reported once, and never sent again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'acl-'));
    folders.push(folder);
    await writeFile(join(folder, 'acl'), 'topic readwrite mine/#\n', { mode: 0o600 });
    const broker = await mosquitto({ config: `allow_anonymous true\nacl_file ${join(folder, 'acl')}` });
    const rejected: string[] = [];
    const bus = await started(broker, { onRejected: ({ topic }, reason) => rejected.push(`${topic}: ${reason}`) });
    bus.publish(state('mine/1', 'x'));
    bus.publish(state('others/1', 'x'));
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    expect(rejected).toEqual([expect.stringMatching(/^others\/1: not authorized/i)]);
    expect(bus.outbox).toEqual({ waiting: 0, dropped: 0, rejected: 1 });
    await broker.restart({ empty: true });
    expect([...(await retained(broker, 'mine/#', 1)).keys()]).toEqual(['mine/1']);
    expect(bus.outbox.rejected).toBe(1);
  });

  test('a message larger than the broker takes is reported instead of breaking the connection over and over', async () => {
    const broker = await mosquitto({ config: 'allow_anonymous true\nmax_packet_size 2000' });
    const rejected: string[] = [];
    const bus = await started(broker, { onRejected: ({ topic }, reason) => rejected.push(`${topic}: ${reason}`) });
    bus.publish(state('big', 'x'.repeat(3_000)));
    bus.publish(state('small', 'x'));
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    expect(rejected).toEqual(['big: the broker takes at most 2000 bytes']);
    expect(bus.connected).toBe(true);
  });

  test('wrong credentials end the start with what to do, and the password is nowhere', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'passwords-'));
    folders.push(folder);
    const passwords = join(folder, 'passwords');
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'ada', 'right']);
    await chmod(passwords, 0o600);
    const broker = await mosquitto({ config: `allow_anonymous false\npassword_file ${passwords}` });
    const lines: string[] = [];
    const log = (_: string, line: string): void => void lines.push(line);
    const secret = 'wr0ng-secret';
    const url = `mqtt://ada:${secret}@127.0.0.1:${broker.port}`;
    const refused = await makeBus(broker, { url, log })
      .start()
      .catch((error: unknown) => error);
    expect(String(refused)).toMatch(
      /^BusError: cannot connect to mqtt:\/\/127\.0\.0\.1:\d+: .*(password|authorized).*(correct|give)/,
    );
    for (const text of [...lines, String(refused), JSON.stringify(refused)]) expect(text).not.toContain(secret);
    await started(broker, { username: 'ada', password: 'right' });
    await expect(makeBus(broker).start()).rejects.toThrow(/not authorized: give credentials/);
  });

  test('a patient bus that is refused at first says why and waits for somebody to mend it', async () => {
    const broker = await mosquitto({ config: 'allow_anonymous false' });
    const errors: string[] = [];
    const log = (level: string, line: string): void => void (level === 'error' && errors.push(line));
    const bus = makeBus(broker, { log, patient: true });
    const stop = new AbortController();
    const start = bus.start(stop.signal);
    await eventually(() => expect(errors[0]).toMatch(/not authorized: give credentials/));
    stop.abort();
    await expect(start).rejects.toThrow(/gave up connecting/);
  });

  test('credentials that are withdrawn later are reported with what to do, and tried again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'passwords-'));
    folders.push(folder);
    const passwords = join(folder, 'passwords');
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'ada', 'right']);
    const broker = await mosquitto({ config: `allow_anonymous false\npassword_file ${passwords}` });
    const errors: string[] = [];
    const log = (level: string, line: string): void => void (level === 'error' && errors.push(line));
    const bus = await started(broker, { username: 'ada', password: 'right', log });
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'ada', 'changed']);
    await broker.restart();
    await eventually(() => expect(errors).toHaveLength(1));
    expect(errors[0]).toMatch(/cannot connect to mqtt:.*not authorized: give credentials/);
    bus.publish(state('waits', 'x'));
    expect(bus.outbox.waiting).toBe(1);
  });

  test('an address that is none ends the start, without showing the password in it', async () => {
    const broker = await mosquitto();
    const refused = await makeBus(broker, { url: 'mqtt//ada:s3cret@host' })
      .start()
      .catch((error: unknown) => error);
    expect(String(refused)).toMatch(
      /BusError: cannot connect to host: the address is not usable: write it as mqtt:\/\/host:port/,
    );
    expect(String(refused)).not.toContain('s3cret');
  });
});
