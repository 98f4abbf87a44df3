import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MONITORS, mqttLinkContract } from '@guaita/assign/mqtt-link/contract';
import { MqttBus } from '@guaita/bus';
import { expect, vi } from 'vitest';
import { EmbeddedBroker } from '../broker/index.ts';
import { connectPeer, PeerPush } from './index.ts';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {} };

mqttLinkContract('MQTT with embedded brokers that push to their peers', async () => {
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
  return {
    ports: new Map([...brokers].map(([monitor, { port }]) => [monitor, port])),
    close: async () => {
      await Promise.all(pushes.map((push) => push.stop()));
      await Promise.all([...brokers.values()].map((broker) => broker.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
});
