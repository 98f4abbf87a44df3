import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttBus } from '@guaita/bus';
import { busContract, type ContractHarness } from '@guaita/bus/contract';
import { freePort, TcpProxy } from '@guaita/lab';
import { EmbeddedBroker } from './embedded-broker.ts';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {} };

busContract('the embedded broker', async (): Promise<ContractHarness> => {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'broker-'));
  const make = (): EmbeddedBroker => new EmbeddedBroker({ port, data: folder, monitor: 'one', log: SILENT });
  const proxies: TcpProxy[] = [];
  let broker = make();
  await broker.start();
  return {
    makeBus: async (options) => {
      const proxy = new TcpProxy(port);
      await proxy.start();
      proxies.push(proxy);
      const bus = new MqttBus({ url: `mqtt://127.0.0.1:${proxy.port}`, log: () => {}, ...options });
      return { bus, cut: () => proxy.cut(), kill: () => proxy.stop() };
    },
    stopBroker: () => broker.stop(),
    startBroker: async ({ empty }) => {
      await broker.stop();
      if (empty) await rm(folder, { recursive: true });
      broker = make();
      await broker.start();
    },
    persists: true,
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await broker.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
