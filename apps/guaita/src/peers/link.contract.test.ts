import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttLink } from '@guaita/assign/mqtt-link';
import { MqttBus } from '@guaita/bus';
import { linkContract, type LinkHarness } from '@guaita/cluster/contract';
import { TcpProxy } from '@guaita/lab';
import { bucketLevel } from '@guaita/messages';
import { pino } from 'pino';
import { expect, vi } from 'vitest';
import { EmbeddedBroker } from '../broker/index.ts';
import { connectPeer, PeerPush } from './index.ts';

/** The monitors of the suite. */
const MONITORS = ['one', 'two', 'three', 'before', 'late'];
const SILENT = { debug: () => {}, info: () => {}, warn: () => {} };
const COMMON = { base: 'guaita', log: pino({ level: 'silent' }) };
const RETRY = { first_ms: 50, most_ms: 200 };

linkContract('MQTT with embedded brokers that push to their peers', async (): Promise<LinkHarness> => {
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  const brokers = new Map<string, EmbeddedBroker>();
  for (const monitor of MONITORS) {
    const broker = new EmbeddedBroker({ port: 0, data: join(folder, monitor), monitor, log: SILENT });
    await broker.start();
    brokers.set(monitor, broker);
  }
  const buses: MqttBus[] = [];
  const pushes = MONITORS.map((monitor) => {
    const own = new MqttBus({ url: brokers.get(monitor)?.url ?? '', clientId: `${monitor}-own`, log: () => {} });
    const peers = [...brokers].filter(([name]) => name !== monitor);
    const connect = ([name, { url }]: (typeof peers)[number]): readonly [string, MqttBus] => {
      const bus = connectPeer(name, { url }, `${monitor}-push`, () => {});
      buses.push(bus);
      return [name, bus];
    };
    return new PeerPush({ monitor, base: 'guaita', own, peers: new Map(peers.map(connect)), log: SILENT });
  });
  await Promise.all(pushes.map((push) => push.start(AbortSignal.timeout(30_000))));
  // What is said before comes over them later, and looks as if it were said then.
  await vi.waitFor(() => expect(buses.every((bus) => bus.connected)).toBe(true), { timeout: 60_000 });
  const proxies: TcpProxy[] = [];
  return {
    makeLink: async (monitor, incarnation) => {
      const proxy = new TcpProxy(brokers.get(monitor)?.port ?? 0);
      await proxy.start();
      proxies.push(proxy);
      const url = `mqtt://127.0.0.1:${proxy.port}`;
      const link = new MqttLink({
        ...{ ...COMMON, monitor, incarnation },
        connect: (will) => new MqttBus({ url, clientId: `${monitor}-link`, will, retry: RETRY, log: () => {} }),
      });
      return { link, cut: async () => proxy.block(), mend: async () => proxy.unblock() };
    },
    spoil: async (monitor, bucket) => {
      const bus = new MqttBus({ url: brokers.get(monitor)?.url ?? '', clientId: 'spoiler', log: () => {} });
      await bus.start();
      const root = `guaita/monitor/${monitor}`;
      bus.publish({ topic: `${root}/status`, payload: '{"state":"online","host_key":"?"}', qos: 1, retain: true });
      bus.publish({ topic: `${root}/claims/${bucketLevel(bucket)}`, payload: '{"claims":[]}', qos: 1, retain: true });
      await bus.stop();
    },
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await Promise.all(pushes.map((push) => push.stop()));
      await Promise.all([...brokers.values()].map((broker) => broker.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
});
