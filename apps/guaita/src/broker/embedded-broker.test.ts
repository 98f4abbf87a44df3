import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttBus, type MqttBusOptions, type OutgoingMessage } from '@guaita/bus';
import { TcpProxy } from '@guaita/lab';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EmbeddedBroker, type EmbeddedBrokerOptions } from './embedded-broker.ts';
import { hashPassword } from './passwords.ts';
import type { BrokerUser } from './users.ts';

const PATIENCE_ms = 20_000;

/** A client "abc" connects by MQTT 5. */
const CONNECT = Buffer.from('101000044d5154540502003c000003616263', 'hex');

/** A client "abc" gives the user name "eve" and the password "x". */
const CONNECT_AS_EVE = Buffer.from('101800044d51545405c2003c000003616263000365766500' + '0178', 'hex');

/** It subscribes to "#" at QoS 0. */
const SUBSCRIBE_ALL = Buffer.from('820700010000012300', 'hex');

let folder: string;
let warnings: string[];
const brokers: EmbeddedBroker[] = [];
const buses: MqttBus[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broker-'));
  warnings = [];
});

afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.stop(100)));
  await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
  await rm(folder, { recursive: true });
});

function make(options: Partial<EmbeddedBrokerOptions> = {}): EmbeddedBroker {
  const log = { debug: () => {}, info: () => {}, warn: (message: string) => void warnings.push(message) };
  const broker = new EmbeddedBroker({ port: 0, data: folder, monitor: 'one', log, ...options });
  brokers.push(broker);
  return broker;
}

async function started(options: Partial<EmbeddedBrokerOptions> = {}): Promise<EmbeddedBroker> {
  const broker = make(options);
  await broker.start();
  return broker;
}

function makeBus(broker: EmbeddedBroker, options: Partial<MqttBusOptions> = {}): MqttBus {
  const bus = new MqttBus({ url: broker.url, clientId: `client-${buses.length}`, log: () => {}, ...options });
  buses.push(bus);
  return bus;
}

async function client(broker: EmbeddedBroker, options: Partial<MqttBusOptions> = {}): Promise<MqttBus> {
  const bus = makeBus(broker, options);
  await bus.start(AbortSignal.timeout(PATIENCE_ms));
  return bus;
}

function state(topic: string, payload: string): OutgoingMessage {
  return { topic, payload, qos: 1, retain: true };
}

/** The topics of all retained messages under a filter, once `expected` have come. */
async function retained(broker: EmbeddedBroker, filter: string, expected: number): Promise<string[]> {
  const topics: string[] = [];
  await (await client(broker)).subscribe(filter, ({ topic }) => topics.push(topic));
  await vi.waitFor(() => expect(topics.length).toBeGreaterThanOrEqual(expected), { timeout: PATIENCE_ms });
  return topics.sort();
}

describe('where it listens', { timeout: 2 * PATIENCE_ms }, () => {
  test('only this host reaches it, unless it is told otherwise', async () => {
    const broker = await started();
    expect(broker.url).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/);
    expect(broker.port).toBeGreaterThan(0);
  });

  test.each(['0.0.0.0', '::', '192.0.2.1'])('on %s it does not start without users', async (host) => {
    await expect(make({ host }).start()).rejects.toThrow(
      `the broker may not listen on ${host} without users: anybody there could command this monitor. Give it users, or leave it on 127.0.0.1`,
    );
  });

  test('on a port that is taken it says which, and what to do, and leaves the other broker’s state alone', async () => {
    const { port } = await started();
    const before = await stat(join(folder, 'broker', 'broker.jsonl'));
    const second = make({ port });
    await expect(second.start()).rejects.toThrow(
      new RegExp(`cannot listen on port ${port} of 127.0.0.1: another program has it. .*--mqtt-port`),
    );
    await second.stop();
    expect((await stat(join(folder, 'broker', 'broker.jsonl'))).ino).toBe(before.ino);
  });

  test('a second broker does not start on the data of one that runs', async () => {
    const first = await started();
    const second = make();
    await expect(second.start()).rejects.toThrow(/the data folder .* is in use by monitor one, process \d+/);
    await second.stop();
    const bus = await client(first);
    bus.publish(state('kept/1', 'x'));
    await bus.stop();
    await first.stop();
    expect(await retained(await started(), '#', 1)).toEqual(['kept/1']);
  });

  test('a password hash that is none, and a token that is too short, are refused by the user’s name', async () => {
    const rights = { name: 'ada', read: [], write: [] };
    const start = (user: BrokerUser): Promise<void> => make({ users: [user] }).start();
    await expect(start({ ...rights, passwordHash: 'secret' })).rejects.toThrow(
      'broker user ada: the password hash is not usable',
    );
    await expect(start({ ...rights, token: 'secret' })).rejects.toThrow(/broker user ada: a token of fewer than 22/);
  });
});

describe('its users', { timeout: 2 * PATIENCE_ms }, () => {
  async function withUsers(options: Partial<EmbeddedBrokerOptions> = { anonymous: true }): Promise<EmbeddedBroker> {
    const [ada, bob] = await Promise.all(['ada-password', 'bob-password'].map(hashPassword));
    return started({
      ...options,
      users: [
        { name: 'ada', passwordHash: ada ?? '', read: ['guaita/#'], write: ['guaita/command/#'] },
        { name: 'bob', passwordHash: bob ?? '', read: ['guaita/reply/bob/#'], write: [] },
      ],
    });
  }

  test('who gives a wrong password, or a name that nobody has, is refused, also on this host', async () => {
    const broker = await withUsers();
    for (const username of ['ada', 'eve']) {
      await expect(client(broker, { username, password: 'wrong' })).rejects.toThrow(
        /cannot connect to mqtt:.*not authorized/,
      );
    }
    await client(broker, { username: 'ada', password: 'ada-password' });
    await client(broker);
  });

  test('while there are users, nobody comes in without a name unless that is allowed', async () => {
    const broker = await withUsers({});
    await expect(client(broker)).rejects.toThrow(/not authorized/);
    await client(broker, { username: 'ada', password: 'ada-password' });
    await expect(client(await started({ anonymous: false, data: join(folder, 'b') }))).rejects.toThrow(
      /not authorized/,
    );
    await client(await started({ data: join(folder, 'c') }));
  });

  test('a user publishes only where it may write; what it may not is reported to it, and reaches nobody', async () => {
    const broker = await withUsers();
    const rejected: string[] = [];
    const onRejected = ({ topic }: OutgoingMessage): void => void rejected.push(topic);
    const ada = await client(broker, { username: 'ada', password: 'ada-password', onRejected });
    ada.publish(state('guaita/command/probe', 'x'));
    ada.publish(state('guaita/monitor/one/claims/1', 'x'));
    ada.publish(state('$SYS/x', 'x'));
    await ada.flushed(AbortSignal.timeout(PATIENCE_ms));
    expect(rejected).toEqual(['guaita/monitor/one/claims/1', '$SYS/x']);
    expect(ada.connected).toBe(true);
    expect(await retained(broker, 'guaita/#', 1)).toEqual(['guaita/command/probe']);
  });

  test('a user subscribes only to what it may read, and a wider filter is refused', async () => {
    const broker = await withUsers();
    const bob = await client(broker, { username: 'bob', password: 'bob-password' });
    await expect(bob.subscribe('guaita/#', () => {})).rejects.toThrow(
      /refuses the subscription to guaita\/#: .*Not authorized/,
    );
    const heard: string[] = [];
    await bob.subscribe('guaita/reply/bob/+', ({ topic }) => heard.push(topic));
    const anyone = await client(broker);
    for (const topic of ['guaita/reply/ada/1', 'guaita/reply/bob/1']) anyone.publish(state(topic, 'x'));
    await vi.waitFor(() => expect(heard).toEqual(['guaita/reply/bob/1']), { timeout: PATIENCE_ms });
  });

  test('a will is sent only where its user may write', async () => {
    const broker = await withUsers();
    const proxy = new TcpProxy(broker.port);
    await proxy.start();
    const url = `mqtt://127.0.0.1:${proxy.port}`;
    const credentials = { url, username: 'ada', password: 'ada-password' };
    for (const topic of ['guaita/device/r1/state', 'guaita/command/allowed']) {
      await client(broker, { ...credentials, will: { topic, payload: 'x', retain: true } });
    }
    await proxy.stop();
    expect(await retained(broker, 'guaita/#', 1)).toEqual(['guaita/command/allowed']);
  });

  test('nobody takes over the client id of another user, nor its kept session', async () => {
    const broker = await withUsers();
    const session = { kept_s: 60 };
    const ada = await client(broker, { clientId: 'shared', username: 'ada', password: 'ada-password', session });
    await ada.subscribe('guaita/secret', () => {});
    await expect(
      client(broker, { clientId: 'shared', username: 'bob', password: 'bob-password', session }),
    ).rejects.toThrow(/not authorized/);
    expect(ada.connected).toBe(true);
    await ada.stop();
    const anyone = await client(broker);
    anyone.publish({ ...state('guaita/secret', 'x'), retain: false });
    await anyone.flushed();
    await expect(
      client(broker, { clientId: 'shared', username: 'bob', password: 'bob-password', session }),
    ).rejects.toThrow(/not authorized/);
    const heard: string[] = [];
    const again = makeBus(broker, { clientId: 'shared', username: 'ada', password: 'ada-password', session });
    await again.subscribe('guaita/secret', ({ topic }) => heard.push(topic));
    await again.start(AbortSignal.timeout(PATIENCE_ms));
    await vi.waitFor(() => expect(heard).toEqual(['guaita/secret']), { timeout: PATIENCE_ms });
  });

  test('of two users that want a client id at the same moment, one gets it', async () => {
    const users = ['ada', 'bob'].map((name) => ({ name, token: name.repeat(10), read: ['#'], write: ['#'] }));
    const broker = await started({ users });
    for (let n = 0; n < 10; n += 1) {
      const both = users.map(({ name, token }) =>
        client(broker, { clientId: `shared-${n}`, username: name, password: token }),
      );
      const states = (await Promise.allSettled(both)).map(({ status }) => status).sort();
      expect(states).toEqual(['fulfilled', 'rejected']);
    }
  });

  test('the kept session of a user that is no more goes to who comes next', async () => {
    const user = (name: string): BrokerUser => ({ name, token: name.repeat(10), read: ['#'], write: ['#'] });
    const first = await started({ users: [user('ada')] });
    const credentials = (name: string): Partial<MqttBusOptions> => ({ username: name, password: name.repeat(10) });
    const kept = { clientId: 'storage', session: { kept_s: 600 } };
    const ada = await client(first, { ...kept, ...credentials('ada') });
    await ada.subscribe('x', () => {});
    await ada.stop();
    await first.stop();
    const second = await started({ users: [user('bob')] });
    await client(second, { ...kept, ...credentials('bob') });
  });
});

describe('what it keeps', { timeout: 2 * PATIENCE_ms }, () => {
  test('killed without a word, it has what lasts of a second ago', async () => {
    const first = await started();
    const bus = await client(first);
    bus.publish(state('kept/1', 'x'));
    bus.publish(state('kept/2', 'x'));
    bus.publish(state('kept/2', ''));
    bus.publish({ ...state('kept/day', 'x'), expiry_s: 86_400 });
    bus.publish({ ...state('seen/1', 'x'), expiry_s: 180 });
    await bus.flushed();
    await vi.waitFor(
      async () => expect(await readFile(join(folder, 'broker', 'broker.jsonl'), 'utf8')).toContain('kept/day'),
      5_000,
    );
    // What a broker that was killed leaves behind: the file as it is now.
    const copy = await mkdtemp(join(tmpdir(), 'broker-'));
    await mkdir(join(copy, 'broker'));
    await writeFile(join(copy, 'broker', 'broker.jsonl'), await readFile(join(folder, 'broker', 'broker.jsonl')));
    expect(await retained(await started({ data: copy }), '#', 2)).toEqual(['kept/1', 'kept/day']);
    await Promise.all(brokers.splice(1).map((broker) => broker.stop()));
    await rm(copy, { recursive: true });
  });

  test('killed without a word, it publishes the wills of who was connected when it starts again', async () => {
    const first = await started();
    const bus = await client(first, { will: { topic: 'presence/1', payload: '', retain: true } });
    bus.publish(state('presence/1', 'online'));
    bus.publish(state('kept/1', 'x'));
    await bus.flushed();
    const file = join(folder, 'broker', 'broker.jsonl');
    await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toMatch(/presence\/1[^]*kept\/1/), {
      timeout: PATIENCE_ms,
    });
    const copy = await mkdtemp(join(tmpdir(), 'broker-'));
    await mkdir(join(copy, 'broker'));
    await writeFile(join(copy, 'broker', 'broker.jsonl'), await readFile(file));
    expect(await retained(await started({ data: copy }), '#', 1)).toEqual(['kept/1']);
    await Promise.all(brokers.splice(1).map((broker) => broker.stop()));
    await rm(copy, { recursive: true });
  });

  test('a line that a power cut has cut off is passed over in silence', async () => {
    const first = await started();
    const bus = await client(first);
    bus.publish(state('kept/1', 'x'));
    await bus.stop();
    await first.stop();
    const file = join(folder, 'broker', 'broker.jsonl');
    await writeFile(file, `${await readFile(file, 'utf8')}["[\\"retained\\",\\"kept/2\\"]",{"top`);
    expect(await retained(await started(), '#', 1)).toEqual(['kept/1']);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['garbage', () => 'garbage\nmore\n', []],
    ['a broken line within', (text: string) => `${text}{]\n["[\\"retained\\",\\"lost\\"]",{}]\n`, ['kept/1']],
  ])('a state file of %s is put aside and reported, and the start goes on', async (_, spoil, expected) => {
    const first = await started();
    const bus = await client(first);
    bus.publish(state('kept/1', 'x'));
    await bus.stop();
    await first.stop();
    const file = join(folder, 'broker', 'broker.jsonl');
    await writeFile(file, spoil(await readFile(file, 'utf8')));
    const second = await started();
    expect(await retained(second, '#', expected.length)).toEqual(expected);
    expect(warnings).toEqual([
      expect.stringMatching(/broker\.jsonl:\d+ .*; kept as .*broker\.jsonl\.corrupt-\d+, going on with the \d entries/),
    ]);
    expect((await readdir(join(folder, 'broker'))).some((name) => name.startsWith('broker.jsonl.corrupt-'))).toBe(true);
  });

  test('an entry that is not usable is reported and left out', async () => {
    await mkdir(join(folder, 'broker'));
    const entry = JSON.stringify([JSON.stringify(['retained', 'odd']), { topic: 7 }]);
    await writeFile(join(folder, 'broker', 'broker.jsonl'), `{"format":"guaita-broker","version":1}\n${entry}\n`);
    await started();
    expect(warnings).toEqual([expect.stringMatching(/^broker: the kept .*odd.* is not usable and left out/)]);
  });
});

describe('hostile clients', { timeout: 10 * PATIENCE_ms }, () => {
  test('thousands of connections that send random bytes harm nobody', async () => {
    const broker = await started();
    const listener = await client(broker);
    const heard: string[] = [];
    await listener.subscribe('alive', ({ payload }) => heard.push(Buffer.from(payload).toString()));
    let seed = 1;
    const random = (): number => {
      // Numerical Recipes' generator: every run sends the same bytes.
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let round = 0; round < 60; round += 1) {
      await Promise.all(
        Array.from({ length: 50 }, () => {
          const noise = Buffer.from(
            Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)),
          );
          const bytes = random() < 0.5 ? Buffer.concat([CONNECT, noise]) : noise;
          return shout(broker.port, bytes);
        }),
      );
    }
    listener.publish({ ...state('alive', 'yes'), retain: false });
    await vi.waitFor(() => expect(heard).toContain('yes'), { timeout: PATIENCE_ms });
  });

  test('who tries passwords and hangs up keeps nobody waiting', async () => {
    const users = [{ name: 'ada', passwordHash: await hashPassword('right'), read: ['#'], write: ['#'] }];
    const broker = await started({ users });
    const sockets = Array.from({ length: 30 }, () => connect(broker.port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => {}).write(CONNECT_AS_EVE);
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const socket of sockets) socket.end();
    // Each would be a second's pause and a check.
    const started_ms = performance.now();
    await client(broker, { username: 'ada', password: 'right' });
    expect(performance.now() - started_ms).toBeLessThan(PATIENCE_ms);
  });

  test('a packet larger than it takes is refused before it is there', async () => {
    const broker = await started();
    const rejected: string[] = [];
    const bus = await client(broker, { onRejected: (_, reason) => rejected.push(reason) });
    bus.publish(state('big', 'x'.repeat(3 * 2 ** 20)));
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    expect(rejected).toEqual(['the broker takes at most 2097152 bytes']);
  });

  test('a subscriber that stops reading does not hold up the others for long', async () => {
    const broker = await started();
    const deaf = connect(broker.port, '127.0.0.1');
    deaf.on('error', () => {});
    deaf.write(Buffer.concat([CONNECT, SUBSCRIBE_ALL]));
    deaf.pause();
    const speaker = await client(broker);
    const listener = await client(broker);
    let heard = 0;
    await listener.subscribe('flood/#', () => (heard += 1));
    for (let n = 0; n < 300; n += 1) speaker.publish({ ...state(`flood/${n}`, 'x'.repeat(100_000)), retain: false });
    await vi.waitFor(() => expect(heard).toBe(300), { timeout: PATIENCE_ms });
    deaf.destroy();
  });
});

/** Sends bytes and hangs up, whatever the other side does. */
function shout(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.setTimeout(2_000, () => socket.destroy());
    socket.resume();
  });
}
