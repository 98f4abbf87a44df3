import { busContract, type ContractHarness } from './contract.ts';
import { MemoryBroker } from './memory-broker.ts';
import { MemoryBus } from './memory-bus.ts';

for (const overlaps of ['each', 'once'] as const) {
  busContract(`the twin (overlapping subscriptions served ${overlaps})`, async (): Promise<ContractHarness> => {
    const broker = new MemoryBroker({ overlaps });
    return {
      makeBus: async (options) => {
        const bus = new MemoryBus(broker, options);
        return { bus, cut: () => broker.cut(options.clientId), kill: async () => bus.kill() };
      },
      stopBroker: async () => broker.stop(),
      startBroker: async ({ empty }) => {
        broker.stop({ forget: empty });
        broker.start();
      },
      persists: true,
      close: async () => broker.stop(),
    };
  });
}
