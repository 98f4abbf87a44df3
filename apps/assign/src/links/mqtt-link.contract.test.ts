import { MemoryBroker, MemoryBus, MqttBus } from '@guaita/bus';
import { linkContract, type LinkHarness } from '@guaita/cluster/contract';
import { startBridgedMosquittos, TcpProxy } from '@guaita/lab';
import { bucketLevel } from '@guaita/messages';
import { pino } from 'pino';
import { MqttLink } from './mqtt-link.ts';

/** The monitors of the suite. */
const MONITORS = ['one', 'two', 'three', 'before', 'late'];
const COMMON = { base: 'guaita', log: pino({ level: 'silent' }) };
const RETRY = { first_ms: 50, most_ms: 200 };

/** What no link would write: a header that lacks nearly all, and claims that are none. */
function spoiled(monitor: string, bucket: number): { topic: string; payload: string; qos: 1; retain: true }[] {
  const root = `guaita/monitor/${monitor}`;
  return [
    { topic: `${root}/status`, payload: '{"state":"online","host_key":"?"}', qos: 1, retain: true },
    { topic: `${root}/claims/${bucketLevel(bucket)}`, payload: '{"incarnation":1,"claims":[]}', qos: 1, retain: true },
  ];
}

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

linkContract(
  'MQTT with bridged Mosquittos',
  async (): Promise<LinkHarness> => {
    const brokers = await startBridgedMosquittos(MONITORS);
    const proxies: TcpProxy[] = [];
    const port = (monitor: string): number => brokers.get(monitor)?.port ?? 0;
    return {
      makeLink: async (monitor, incarnation) => {
        const proxy = new TcpProxy(port(monitor));
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
        const bus = new MqttBus({ url: `mqtt://127.0.0.1:${port(monitor)}`, clientId: 'spoiler', log: () => {} });
        await bus.start();
        for (const message of spoiled(monitor, bucket)) bus.publish(message);
        await bus.stop();
      },
      close: async () => {
        await Promise.all(proxies.map((proxy) => proxy.stop()));
        await Promise.all([...brokers.values()].map((broker) => broker.stop()));
      },
    };
  },
  // Bridges connect again after up to 10 s.
  { patience_ms: 30_000 },
);
