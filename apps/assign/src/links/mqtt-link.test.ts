import { MemoryBroker, MemoryBus, type Bus } from '@guaita/bus';
import { digestOf, type LinkMessage } from '@guaita/cluster';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { BUCKETS, type Header, type Intent } from '@guaita/model';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MqttLink } from './mqtt-link.ts';

const DRAIN: Intent = { kind: 'drain', subject: 'x', wanted: true, stamp: { at_ms: 1, counter: 0, writer: 'one' } };
const STATUS = 'guaita/monitor/one/status';

let broker: MemoryBroker;
let links: MqttLink[];

beforeEach(() => {
  broker = new MemoryBroker();
  links = [];
});

afterEach(async () => {
  await Promise.all(links.map((link) => link.stop()));
});

function header(beat: number, incarnation = 3, host = '1'): Header {
  return {
    ...{ host_key: host.repeat(32), incarnation, session: 0, beat, site: 'home', tags: [], capacity: 10 },
    ...{ policy: { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' }, probe_age_s: null },
    ...{ probing: true, isolated: false, claims: { version: 0, count: 0, digest: '0'.repeat(16) } },
    ...{ seen: {}, intents: '0'.repeat(16) },
  };
}

function said(beat: number, incarnation = 3): LinkMessage {
  return { kind: 'header', monitor: 'one', header: header(beat, incarnation) };
}

/** A link of a monitor, its connection, and what it tells. */
async function start(monitor: string, log: string[] = [], outboxLimit = 1_000) {
  let bus: Bus | undefined;
  const heard: { message: LinkMessage; stored: boolean }[] = [];
  const connections: boolean[] = [];
  const sessions: number[] = [];
  const invalid: string[] = [];
  const link = new MqttLink({
    ...{ monitor, base: 'guaita', incarnation: 3 },
    connect: (will) => (bus = new MemoryBus(broker, { clientId: monitor, will, outboxLimit })),
    log: pino({}, { write: (line: string) => log.push(line) }),
    onInvalid: ({ topic }) => invalid.push(topic),
  });
  links.push(link);
  await link.start(
    {
      heard: (message, stored) =>
        heard.push({
          message: message.kind === 'intents' ? { ...message, intents: [...message.intents] } : message,
          stored,
        }),
      connected: (connected, session) => {
        connections.push(connected);
        if (session !== undefined) sessions.push(session);
      },
    },
    new AbortController().signal,
  );
  await eventually(() => expect(bus?.connected).toBe(broker.available));
  return { link, bus: bus as Bus & MemoryBus, heard, connections, sessions, invalid };
}

function status(): unknown {
  const text = broker.retained.get(STATUS);
  return text === undefined ? undefined : channels.status.decode(STATUS, Buffer.from(text));
}

function publish(topic: string, value: unknown): void {
  broker.publish({ topic: `guaita/${topic}`, payload: JSON.stringify(value), qos: 1, retain: true });
}

describe('the MQTT link', { timeout: 60_000 }, () => {
  test('gives its headers the session of the connection, and a will that ends that one only', async () => {
    const { link, bus, sessions } = await start('one');
    link.say(said(1));
    await eventually(() => expect(status()).toMatchObject({ state: 'online', beat: 1, session: 1 }));
    broker.cut('one');
    expect(status()).toEqual({ state: 'offline', incarnation: 3, session: 1 });
    await eventually(() => expect([bus.connected, bus.connection]).toEqual([true, 2]));
    link.say(said(2));
    await eventually(() => expect(status()).toMatchObject({ state: 'online', beat: 2, session: 2 }));
    expect(sessions).toEqual([1, 2]);
    bus.kill();
    await eventually(() => expect(status()).toEqual({ state: 'offline', incarnation: 3, session: 2 }));
  });

  test('says no old header in a new session, and all buckets and intents again', async () => {
    const { link, bus } = await start('one');
    link.say(said(1));
    link.say({ kind: 'bucket', monitor: 'one', bucket: 255, content: { incarnation: 3, version: 1, claims: {} } });
    link.say({ kind: 'intents', monitor: 'one', bucket: 0, intents: [DRAIN] });
    await eventually(() => expect(broker.retained.size).toBe(3));
    broker.stop({ forget: true });
    await eventually(() => expect(bus.connected).toBe(false));
    link.say(said(2));
    link.say({ kind: 'bucket', monitor: 'one', bucket: 1, content: { incarnation: 3, version: 2, claims: {} } });
    link.say({ kind: 'wants', monitor: 'one', peer: 'two', incarnation: 1, versions: [] });
    broker.start();
    await eventually(() => expect(bus.connected).toBe(true));
    await bus.flushed();
    expect([...broker.retained.keys()].sort()).toEqual([
      'guaita/monitor/one/claims/01',
      'guaita/monitor/one/claims/ff',
      'guaita/monitor/one/intents/00',
    ]);
  });

  test('says goodbye, which others hear and we do not', async () => {
    const other = await start('two');
    const { link, heard } = await start('one');
    link.say(said(1));
    await link.stop();
    await eventually(() => expect(other.heard).toHaveLength(2));
    expect(other.heard[1]).toEqual({
      message: { kind: 'offline', monitor: 'one', incarnation: 3, session: 1 },
      stored: false,
    });
    expect(heard).toEqual([]);
    expect(status()).toEqual({ state: 'offline', incarnation: 3, session: 1 });
  });

  test('carries each kind of message to its peer as it was said', async () => {
    const [one, two] = [await start('one'), await start('two')];
    const claims = {
      router: { state: 'held', sees: 'down', down_since: '2026-01-01T00:00:00.000Z', episode: 2 },
    } as const;
    const messages: LinkMessage[] = [
      said(1),
      { kind: 'bucket', monitor: 'one', bucket: 17, content: { incarnation: 3, version: 4, claims } },
      { kind: 'wants', monitor: 'one', peer: 'two', incarnation: 1, versions: Array<number>(BUCKETS).fill(7) },
      { kind: 'wants', monitor: 'one', peer: 'else', incarnation: 1, versions: Array<number>(BUCKETS).fill(7) },
      {
        ...{ kind: 'intents', monitor: 'one', bucket: 9 },
        ...{ intents: [DRAIN], digest: digestOf([DRAIN]) },
      },
      { kind: 'life', monitor: 'three', alive: true },
    ];
    for (const message of messages) one.link.say(message);
    await eventually(() => expect(two.heard).toHaveLength(4));
    const expected = messages.filter(
      (message) => message.kind !== 'life' && !('peer' in message && message.peer === 'else'),
    );
    expected[0] = { kind: 'header', monitor: 'one', header: { ...header(1), session: 1 } };
    expect(two.heard).toEqual(expected.map((message) => ({ message, stored: false })));
    expect(one.heard).toEqual([]);
  });

  test('tells a stored bucket under our id and incarnation, which may be another life’s', async () => {
    const content = { incarnation: 3, version: 9, claims: {} };
    publish('monitor/one/claims/11', content);
    const { heard } = await start('one');
    const message = { kind: 'bucket', monitor: 'one', bucket: 17, content };
    await eventually(() => expect(heard).toEqual([{ message, stored: true }]));
  });

  test('tells what was stored, of others and of a former self, and never takes its own words for another’s', async () => {
    const { link, heard } = await start('one');
    link.say(said(1));
    publish('monitor/one/status', { ...header(9, 3, '2'), state: 'online' });
    publish('monitor/one/claims/00', { incarnation: 2, version: 1, claims: {} });
    publish('monitor/one/claims/01', { incarnation: 3, version: 1, claims: {} });
    publish('monitor/two/status', { state: 'offline', incarnation: 1, session: 1 });
    await eventually(() => expect(heard).toHaveLength(3));
    expect(heard.map(({ message }) => `${message.kind} ${message.kind === 'life' ? '' : message.monitor}`)).toEqual([
      'header one',
      'bucket one',
      'offline two',
    ]);
    const late = await start('three');
    await eventually(() => expect(late.heard).toHaveLength(4));
    expect(late.heard.every(({ stored }) => stored)).toBe(true);
  });

  test('passes over what breaks the contract, and names each topic once', async () => {
    const log: string[] = [];
    const { heard, invalid } = await start('one', log);
    for (let time = 0; time < 3; time += 1) {
      publish('monitor/two/claims/00', { incarnation: 1 });
      publish('monitor/two/status', { ...header(1), state: 'online', digest: 'x', host_key: 'short' });
    }
    publish('monitor/two/claims/zz', { incarnation: 1, version: 1, claims: {} });
    publish('monitor/two/claims/01', { incarnation: 1, version: 1, claims: {} });
    await eventually(() => expect(heard).toHaveLength(1));
    expect(invalid).toHaveLength(6);
    expect(log.filter((line) => line.includes('breaks the contract'))).toHaveLength(2);
    broker.publish({ topic: 'guaita/monitor/two/status', payload: '', qos: 1, retain: true });
    await eventually(() => expect(broker.retained.has('guaita/monitor/two/status')).toBe(false));
    expect([heard.length, invalid.length]).toEqual([1, 6]);
  });

  test('gives up what has no room while the broker is away, says so once, and goes on', async () => {
    broker.stop();
    const log: string[] = [];
    const { link, bus } = await start('one', log, 3);
    const say = (bucket: number, version: number): void =>
      link.say({ kind: 'bucket', monitor: 'one', bucket, content: { incarnation: 3, version, claims: {} } });
    for (let bucket = 0; bucket < 10; bucket += 1) say(bucket, 1);
    expect(log.filter((line) => line.includes('a bucket is not said over MQTT: the outbox is full'))).toHaveLength(1);
    broker.start();
    await eventually(() => expect(bus.connected).toBe(true));
    for (let bucket = 3; bucket < 10; bucket += 1) {
      say(bucket, 2);
      await bus.flushed();
    }
    expect(broker.retained.size).toBe(10);
  });

  test('ends also where there is no room for its goodbye', async () => {
    const log: string[] = [];
    const { link, bus } = await start('one', log, 3);
    const claims = {};
    for (let bucket = 0; bucket < 10; bucket += 1)
      link.say({ kind: 'bucket', monitor: 'one', bucket, content: { incarnation: 3, version: 1, claims } });
    await link.stop();
    expect(bus.connected).toBe(false);
  });

  test('does not wait for a broker, and tells when one is there and when it is gone', async () => {
    broker.stop();
    const { link, connections, bus } = await start('one');
    link.say(said(1));
    expect(connections).toEqual([]);
    broker.start();
    await eventually(() => expect(connections).toEqual([true]));
    broker.cut();
    await eventually(() => expect(connections).toEqual([true, false, true]));
    expect(bus.connection).toBe(2);
    expect(status()).toEqual({ state: 'offline', incarnation: 3, session: 1 });
  });
});
