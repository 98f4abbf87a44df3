import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MqttBusOptions, OutgoingMessage } from '@guaita/bus';
import { TcpProxy } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EmbeddedBroker, EmbeddedBrokerOptions } from './embedded-broker.ts';
import { BrokerStage, PATIENCE_ms, state } from './embedded-broker.testdata.ts';
import { hashPassword } from './passwords.ts';
import type { BrokerUser } from './users.ts';

const stage = new BrokerStage();
const { client, make, makeBus, retained, started } = stage;
beforeEach(() => stage.open());
afterEach(() => stage.close());

describe('where it listens', { timeout: 2 * PATIENCE_ms }, () => {
  test('only this host reaches it, unless it is told otherwise', async () => {
    const broker = await started();
    expect(broker.url).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/);
    expect(broker.port).toBeGreaterThan(0);
  });

  test.each(['0.0.0.0', '::', '192.0.2.1'])('on %s it does not start without users', async (host) => {
    await expect(make({ host }).start()).rejects.toThrow(
      `the broker may not listen on ${host} without users: anybody there could command this monitor. Give it a site key (--site-key FILE) or users (broker.users), or leave it on 127.0.0.1`,
    );
  });

  test('on a port that is taken it says which, and what to do, and leaves the other broker’s state alone', async () => {
    const { port } = await started();
    const before = await stat(stage.file);
    const second = make({ port });
    await expect(second.start()).rejects.toThrow(
      new RegExp(`cannot listen on port ${port} of 127.0.0.1: another program has it. .*--mqtt-port`),
    );
    await second.stop();
    expect((await stat(stage.file)).ino).toBe(before.ino);
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
    await expect(client(await started({ anonymous: false, data: join(stage.folder, 'b') }))).rejects.toThrow(
      /not authorized/,
    );
    await client(await started({ data: join(stage.folder, 'c') }));
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
    await eventually(() => expect(heard).toEqual(['guaita/reply/bob/1']));
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
    await eventually(() => expect(heard).toEqual(['guaita/secret']));
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
    const bob = await client(second, { ...kept, ...credentials('bob') });
    expect(bob.connected).toBe(true);
  });
});
