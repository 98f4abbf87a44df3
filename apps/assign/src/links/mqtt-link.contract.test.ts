import { MemoryBroker, MemoryBus } from '@guaita/bus';
import { linkContract, type LinkHarness } from '@guaita/cluster/contract';
import { startBridgedMosquittos } from '@guaita/lab';
import { COMMON, MONITORS, mqttLinkContract, spoiled } from './contract.ts';
import { MqttLink } from './mqtt-link.ts';

linkContract('MQTT with the broker in memory', async (): Promise<LinkHarness> => {
  const broker = new MemoryBroker();
  return {
    makeLink: async (monitor, incarnation) => ({
      link: new MqttLink({
        ...{ ...COMMON, monitor, incarnation },
        connect: (will) => new MemoryBus(broker, { clientId: monitor, will }),
      }),
      cut: async () => broker.bar(monitor),
      mend: async () => broker.admit(monitor),
    }),
    spoil: async (monitor, bucket) => {
      for (const message of spoiled(monitor, bucket)) broker.publish(message);
    },
    close: async () => broker.stop(),
  };
});

mqttLinkContract(
  'MQTT with bridged Mosquittos',
  async () => {
    const brokers = await startBridgedMosquittos(MONITORS);
    return {
      ports: new Map([...brokers].map(([monitor, { port }]) => [monitor, port])),
      close: async () => {
        await Promise.all([...brokers.values()].map((broker) => broker.stop()));
      },
    };
  },
  // Bridges connect again after up to 10 s.
  { patience_ms: 30_000 },
);
