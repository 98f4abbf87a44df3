import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MONITORS, mqttLinkContract, type Site } from '@guaita/assign/mqtt-link/contract';
import { MqttBus } from '@guaita/bus';
import { TcpProxy } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { expect } from 'vitest';
import { EmbeddedBroker } from '../broker/index.ts';
import { PeerPush } from './index.ts';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {} };

/** As `connectPeer`, but for how little waits: less than the topics of a monitor's claims and intents. */
const PUSH = { stateLimit: 0, outboxLimit: 200, patient: true, log: () => {} };

async function makeSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  const brokers = new Map<string, EmbeddedBroker>();
  /** The way in for peers to each broker. */
  const ways = new Map<string, TcpProxy>();
  for (const monitor of MONITORS) {
    const broker = new EmbeddedBroker({ port: 0, data: join(folder, monitor), monitor, log: SILENT });
    await broker.start();
    brokers.set(monitor, broker);
    const way = new TcpProxy(broker.port);
    await way.start();
    ways.set(monitor, way);
  }
  const buses = new Map<string, MqttBus>();
  const pushes = MONITORS.map((monitor) => {
    const own = new MqttBus({ url: brokers.get(monitor)?.url ?? '', clientId: `${monitor}-own`, log: () => {} });
    const peers = [...ways].filter(([name]) => name !== monitor);
    const connect = ([name, { port }]: (typeof peers)[number]): readonly [string, MqttBus] => {
      const bus = new MqttBus({ ...PUSH, url: `mqtt://127.0.0.1:${port}`, clientId: `${monitor}-push` });
      buses.set(`${monitor}-to-${name}`, bus);
      return [name, bus];
    };
    return new PeerPush({ monitor, base: 'guaita', own, peers: new Map(peers.map(connect)), log: SILENT });
  });
  await Promise.all(pushes.map((push) => push.start(AbortSignal.timeout(30_000))));
  // What is said before comes over them later, and looks as if it were said then.
  await eventually(() => expect([...buses.values()].every((bus) => bus.connected)).toBe(true));
  return {
    ports: new Map([...brokers].map(([monitor, { port }]) => [monitor, port])),
    jam: async (speaker, listener) => {
      const way = ways.get(listener);
      way?.hold();
      return {
        isOver: () => (buses.get(`${speaker}-to-${listener}`)?.outbox.waiting ?? 0) >= PUSH.outboxLimit,
        clear: async () => way?.release(),
      };
    },
    close: async () => {
      await Promise.all(pushes.map((push) => push.stop()));
      await Promise.all([...ways.values()].map((way) => way.stop()));
      await Promise.all([...brokers.values()].map((broker) => broker.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

mqttLinkContract('MQTT with embedded brokers that push to their peers', makeSite, {
  carrier: 'the push to a peer that has stopped reading',
});
