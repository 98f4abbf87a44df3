import { createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { MqttBus } from '@guaita/bus';
import { startMosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, expect, test } from 'vitest';
import { PeerPush } from './index.ts';
import { host, type Host, releases, said, SILENT, site, TOKENS } from './peer-host.testdata.ts';

const TEST = { timeout: 180_000 };
/** How long is listened before it is believed that nothing comes. */
const SILENCE_ms = 1_000;

/** Less than there is state. */
const OUTBOX_LIMIT = 300;

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

test(
  'three monitors with brokers of their own hear one another, each message once, and nothing else',
  TEST,
  async () => {
    const hosts = await site();
    for (const { monitor, services } of hosts) {
      services.publish(said(`monitor/${monitor}/claims/00`, `"${monitor}"`));
      services.publish(said(`monitor/${monitor}/ping/router`, '1', { measurement: true, expiry_s: 600 }));
      services.publish(said(`host/${monitor}/assigned/router`));
      services.publish(said(`cluster/${monitor}`));
      services.publish(said('monitor/stranger/claims/00'));
    }
    for (const each of hosts) {
      for (const { monitor } of hosts) {
        await eventually(() =>
          expect(each.knows(monitor)).toEqual({ 'claims/00': `"${monitor}"`, 'ping/router': '1' }),
        );
      }
    }
    hosts[0].services.publish(said('monitor/one/ping/router', '', { measurement: true }));
    hosts[0].services.publish(said('monitor/one/wants/two', '{"n":2}', { retain: false }));
    for (const each of hosts)
      await eventually(() => expect(each.knows('one')).toMatchObject({ 'ping/router': '', 'wants/two': '{"n":2}' }));
    await pause(SILENCE_ms);
    for (const each of hosts) {
      const counts = new Map<string, number>();
      for (const { topic } of each.heard) counts.set(topic, (counts.get(topic) ?? 0) + 1);
      const others = hosts.filter((other) => other !== each).map(({ monitor }) => monitor);
      for (const other of others) expect(counts.get(`guaita/monitor/${other}/claims/00`)).toBe(1);
      expect([...counts.keys()].filter((topic) => /^guaita\/(host|cluster)/.test(topic))).toEqual([
        `guaita/host/${each.monitor}/assigned/router`,
        `guaita/cluster/${each.monitor}`,
      ]);
      const ping = each.heard.find(({ topic }) => topic.endsWith('three/ping/router'));
      expect(ping?.expiry_s).toBeGreaterThan(500);
    }
  },
);

test(
  'a peer that was killed and comes back empty is given all that is retained, and nothing that is gone',
  TEST,
  async () => {
    const [one, two, three] = await site();
    one.services.publish(said('monitor/one/claims/00', '"old"'));
    one.services.publish(said('monitor/one/claims/01', '"x"'));
    one.services.publish(said('monitor/one/status', '{"state":"online"}', { qos: 0 }));
    one.services.publish(said('monitor/one/ping/a', '1', { measurement: true, expiry_s: 600 }));
    one.services.publish(said('monitor/one/ping/b', '1', { measurement: true, expiry_s: 600 }));
    await eventually(() => expect(Object.keys(two.knows('one'))).toHaveLength(5));
    await two.stopBroker({ empty: true });
    one.services.publish(said('monitor/one/claims/00', '"new"'));
    one.services.publish(said('monitor/one/ping/b', ''));
    await eventually(() => expect(three.knows('one')).toMatchObject({ 'claims/00': '"new"', 'ping/b': '' }));
    await two.startBroker();
    await eventually(async () =>
      expect(await two.retained()).toEqual({
        'monitor/one/claims/00': '"new"',
        'monitor/one/claims/01': '"x"',
        'monitor/one/ping/a': '1',
      }),
    );
  },
);

test('what was cleared while a peer was away is cleared there too', TEST, async () => {
  const [one, two] = await site();
  one.services.publish(said('monitor/one/ping/gone', '1', { measurement: true, expiry_s: 600 }));
  await eventually(() => expect(two.knows('one')).toEqual({ 'ping/gone': '1' }));
  await two.stopBroker();
  await pause(100);
  one.services.publish(said('monitor/one/ping/gone', ''));
  await one.services.flushed();
  await two.startBroker();
  await eventually(async () => expect(await two.retained()).toEqual({}));
});

test('a peer that is frozen delays no other, costs little, and has everything once it thaws', TEST, async () => {
  const [one, two] = [await host('one'), await host('two')];
  const frozen = await startMosquitto();
  releases.push(() => frozen.stop());
  // And one that takes our connection and then reads nothing at all.
  const sockets: Socket[] = [];
  const deaf = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    socket.once('data', () => {
      socket.write(Buffer.from('2003000000', 'hex'));
      socket.pause();
    });
  });
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  releases.push(() => new Promise((resolve) => deaf.close(resolve)));
  releases.push(async () => sockets.forEach((socket) => socket.destroy()));
  const address = deaf.address();
  const deafUrl = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;

  await one.startPush({ deaf: deafUrl, frozen: frozen.url, two: two.url }, OUTBOX_LIMIT);
  one.services.publish(said('monitor/one/claims/00', '"first"'));
  await eventually(() => expect(two.knows('one')).toEqual({ 'claims/00': '"first"' }));
  await eventually(() => expect([...one.peers.values()].every((bus) => bus.connected)).toBe(true));
  frozen.freeze();
  for (let n = 0; n < 4 * OUTBOX_LIMIT; n += 1) {
    one.services.publish(said(`monitor/one/ping/d${n % 100}`, `${n}`, { measurement: true, expiry_s: 600 }));
  }
  // More state than they have room for.
  const state = Array.from({ length: 512 }, (_, n) => {
    const bucket = (n % 256).toString(16).padStart(2, '0');
    return `${n < 256 ? 'claims' : 'intents'}/${bucket}`;
  });
  for (const topic of state) one.services.publish(said(`monitor/one/${topic}`, '"last"'));
  const all = Object.fromEntries(state.map((topic) => [topic, '"last"']));
  await eventually(() => expect(two.knows('one')).toMatchObject(all));
  for (const name of ['deaf', 'frozen']) expect(one.peers.get(name)?.outbox.waiting).toBeLessThanOrEqual(OUTBOX_LIMIT);
  frozen.thaw();
  const watcher = new MqttBus({ url: frozen.url, clientId: 'watcher', log: () => {} });
  releases.push(() => watcher.stop());
  await watcher.start();
  const heard = new Map<string, string>();
  await watcher.subscribe('guaita/monitor/one/#', ({ topic, payload }) =>
    heard.set(topic.slice('guaita/monitor/one/'.length), String(payload)),
  );
  await eventually(() => expect(Object.fromEntries(heard)).toMatchObject(all));
});

test('two hosts under one id that are each other’s peers do not push in circles', TEST, async () => {
  const [a, b] = [await host('one'), await host('one')];
  const full = (peer: Host) => [peer.monitor, peer.connect(`push-to-${peer.port}`)] as const;
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const own = from.connect(`push-${from.port}`);
    const push = new PeerPush({ monitor: 'one', base: 'guaita', own, peers: new Map([full(to)]), log: SILENT });
    releases.push(() => push.stop());
    await push.start(AbortSignal.timeout(60_000));
  }
  await eventually(() => {
    a.services.publish(said('monitor/one/claims/00', '"a"'));
    expect(b.knows('one')).toEqual({ 'claims/00': '"a"' });
  });
  b.services.publish(said('monitor/one/claims/00', '"b"'));
  await eventually(() => expect(a.knows('one')).toEqual({ 'claims/00': '"b"' }));
  const count = (): number => a.heard.length + b.heard.length;
  await eventually(async () => {
    const before = count();
    await pause(SILENCE_ms);
    expect(count()).toBe(before);
  });
});

test('a peer’s user may write below its own monitor only, and read nothing', TEST, async () => {
  const one = await host('one');
  const user = { username: 'two', password: TOKENS['two'] ?? '' };
  const refused: string[] = [];
  const bus = new MqttBus({
    ...{ url: one.url, clientId: 'two', ...user, log: () => {}, gather_ms: 0, retry: { first_ms: 50, most_ms: 50 } },
    onRejected: ({ topic }) => refused.push(topic),
  });
  releases.push(() => bus.stop(200));
  await bus.start();
  await expect(bus.subscribe('guaita/monitor/one/#', () => {})).rejects.toThrow(/refuses the subscription/);
  for (const topic of ['monitor/one/claims/00', 'command/monitors/forget', 'monitor/three/status', 'cluster/two']) {
    bus.publish(said(topic));
  }
  bus.publish(said('monitor/two/claims/00'));
  await eventually(() => expect(one.knows('two')).toEqual({ 'claims/00': '{"n":1}' }));
  await eventually(() => expect(refused).toHaveLength(4));
  expect(one.heard.map(({ topic }) => topic)).toEqual(['guaita/monitor/two/claims/00']);
});

test(
  'the monitor’s goodbye reaches its peers before the pushing ends, and its absence keeps nothing waiting',
  TEST,
  async () => {
    const [one, two] = await site();
    const header = { ...HEADER, state: 'online' };
    one.services.publish(said('monitor/one/status', JSON.stringify(header), { qos: 0 }));
    await eventually(() => expect(Object.keys(two.knows('one'))).toEqual(['status']));
    const stopped = one.push?.stop();
    one.services.publish(said('monitor/one/status', '{"state":"offline","incarnation":1,"session":1}', { qos: 0 }));
    await stopped;
    await eventually(() => expect(two.knows('one')['status']).toContain('offline'));
  },
);

const HEADER = {
  ...{ host_key: 'a'.repeat(32), incarnation: 1, session: 1, beat: 1, site: 'home', tags: [], capacity: 1 },
  ...{ policy: { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' }, probe_age_s: null, probing: true },
  ...{ isolated: false, claims: { version: 0, count: 0, digest: '0'.repeat(16) }, seen: {}, intents: '0'.repeat(16) },
};
