import { MemoryBroker, MemoryBus } from '@guaita/bus';
import { linkContract, type LinkHarness } from '@guaita/cluster/contract';
import { startBridgedMosquittos } from '@guaita/lab';
import { COMMON, MONITORS, mqttLinkContract, spoiled } from './contract.ts';
import { MqttLink } from './mqtt-link.ts';
import { OUTBOX, WatchedBuses } from './watched-buses.ts';

linkContract(
  'MQTT with the broker in memory',
  async (): Promise<LinkHarness> => {
    const broker = new MemoryBroker();
    const buses = new WatchedBuses();
    return {
      makeLink: async (monitor, incarnation) => ({
        link: new MqttLink({
          ...{ ...COMMON, monitor, incarnation },
          connect: (will) => {
            const bus = new MemoryBus(broker, { clientId: monitor, will, log: () => {}, ...buses.small });
            return buses.watch(monitor, bus);
          },
        }),
        cut: async () => broker.bar(monitor),
        mend: async () => broker.admit(monitor),
      }),
      spoil: async (monitor, bucket) => {
        for (const message of spoiled(monitor, bucket)) broker.publish(message);
      },
      // The broker in memory gives everything at once: it has no queue of its own.
      jam: async (_queue, speaker) => {
        broker.bar(speaker);
        return { isOver: () => buses.isOver(speaker), clear: async () => broker.admit(speaker) };
      },
      lose: async (monitor, say) => buses.lose(monitor, say),
      keep: async (monitor) => {
        const kept = buses.kept(monitor);
        return async () => kept.forEach((message) => broker.publish(message));
      },
      close: async () => broker.stop(),
    };
  },
  { queues: [OUTBOX] },
);

mqttLinkContract(
  'MQTT with bridged Mosquittos',
  async () => {
    const brokers = await startBridgedMosquittos(MONITORS);
    return {
      ports: new Map([...brokers].map(([monitor, { port }]) => [monitor, port])),
      jam: async (speaker, listener) => {
        const [own, other] = [brokers.get(speaker), brokers.get(listener)];
        other?.freeze();
        const dropped = `dropped for client ${speaker}-to-${listener}-local`;
        return { isOver: () => own?.log.includes(dropped) === true, clear: async () => other?.thaw() };
      },
      close: async () => {
        await Promise.all([...brokers.values()].map((broker) => broker.stop()));
      },
    };
  },
  // Bridges connect again after up to 10 s.
  { carrier: 'the bridge to a frozen broker' },
);
