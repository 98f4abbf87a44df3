import { startMosquitto, TcpProxy } from '@guaita/lab';
import { busContract, type ContractHarness } from './contract.ts';
import { MqttBus } from './mqtt-bus.ts';

busContract('Mosquitto', async (): Promise<ContractHarness> => {
  const broker = await startMosquitto({ persistence: true });
  const proxies: TcpProxy[] = [];
  return {
    makeBus: async (options) => {
      const proxy = new TcpProxy(broker.port);
      await proxy.start();
      proxies.push(proxy);
      const bus = new MqttBus({ url: `mqtt://127.0.0.1:${proxy.port}`, log: () => {}, ...options });
      return { bus, cut: () => proxy.cut(), kill: () => proxy.stop() };
    },
    stopBroker: () => broker.halt(),
    startBroker: ({ empty }) => broker.restart({ empty }),
    persists: true,
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await broker.stop();
    },
  };
});
