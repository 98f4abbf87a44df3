import { MqttBus } from '@guaita/bus';
import { linkContract, type LinkContractOptions, type LinkHarness } from '@guaita/cluster/contract';
import { TcpProxy } from '@guaita/lab';
import { bucketLevel } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { pino } from 'pino';
import { MqttLink } from './mqtt-link.ts';

/** The monitors of the suite. */
export const MONITORS: readonly Id[] = ['one', 'two', 'three', 'before', 'late'];

/** What links are given that do not say what they do. */
export const COMMON = { base: 'guaita', log: pino({ level: 'silent' }) };

const RETRY = { first_ms: 50, most_ms: 200 };

/** The brokers of all monitors, and what carries each one's subtree to the others. */
export interface Site {
  /** Of each monitor's own broker. */
  readonly ports: ReadonlyMap<Id, number>;
  readonly close: () => Promise<void>;
}

/** What a link over MQTT does where each monitor has a broker of its own, whatever joins the brokers. */
export function mqttLinkContract(name: string, makeSite: () => Promise<Site>, options: LinkContractOptions = {}): void {
  const makeHarness = async (): Promise<LinkHarness> => {
    const { ports, close } = await makeSite();
    const proxies: TcpProxy[] = [];
    return {
      makeLink: async (monitor, incarnation) => {
        const proxy = new TcpProxy(ports.get(monitor) ?? 0);
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
        const url = `mqtt://127.0.0.1:${ports.get(monitor)}`;
        const bus = new MqttBus({ url, clientId: 'spoiler', log: () => {} });
        await bus.start();
        for (const message of spoiled(monitor, bucket)) bus.publish(message);
        await bus.stop();
      },
      close: async () => {
        await Promise.all(proxies.map((proxy) => proxy.stop()));
        await close();
      },
    };
  };
  linkContract(name, makeHarness, options);
}

/** What no link would write: a header that lacks nearly all, and claims that are none. */
export function spoiled(monitor: Id, bucket: number): { topic: string; payload: string; qos: 1; retain: true }[] {
  const root = `guaita/monitor/${monitor}`;
  return [
    { topic: `${root}/status`, payload: '{"state":"online","host_key":"?"}', qos: 1, retain: true },
    { topic: `${root}/claims/${bucketLevel(bucket)}`, payload: '{"incarnation":1,"claims":[]}', qos: 1, retain: true },
  ];
}
