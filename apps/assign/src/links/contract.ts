import { MqttBus, type OutgoingMessage } from '@guaita/bus';
import { linkContract, type Jam, type LinkContractOptions, type LinkHarness } from '@guaita/cluster/contract';
import { TcpProxy } from '@guaita/lab';
import { bucketLevel } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { pino } from 'pino';
import { MqttLink } from './mqtt-link.ts';
import { OUTBOX, WatchedBuses } from './watched-buses.ts';

/** The monitors of the suite. */
export const MONITORS: readonly Id[] = ['one', 'two', 'three', 'before', 'late'];

/** What links are given that do not say what they do. */
export const COMMON = { base: 'guaita', log: pino({ level: 'silent' }) };

const RETRY = { first_ms: 50, most_ms: 200 };

/** The brokers of all monitors, and what carries each one's subtree to the others. */
export interface Site {
  /** Of each monitor's own broker. */
  readonly ports: ReadonlyMap<Id, number>;
  /** Jams what carries one monitor's subtree to another's broker. */
  readonly jam: (speaker: Id, listener: Id) => Promise<Jam>;
  readonly close: () => Promise<void>;
}

/** As for any link; and what carries the subtrees, by its name in the tests. */
export interface MqttLinkContractOptions extends Omit<LinkContractOptions, 'queues' | 'answersItself'> {
  readonly carrier: string;
}

/** What a link over MQTT does where each monitor has a broker of its own, whatever joins the brokers. */
export function mqttLinkContract(
  name: string,
  makeSite: () => Promise<Site>,
  { carrier, ...options }: MqttLinkContractOptions,
): void {
  const makeHarness = async (): Promise<LinkHarness> => {
    const { ports, jam, close } = await makeSite();
    const proxies = new Map<Id, TcpProxy>();
    const buses = new WatchedBuses();
    const publish = async (monitor: Id, messages: readonly OutgoingMessage[]): Promise<void> => {
      const url = `mqtt://127.0.0.1:${ports.get(monitor)}`;
      const bus = new MqttBus({ url, clientId: 'publisher', log: () => {} });
      await bus.start();
      for (const message of messages) bus.publish(message);
      await bus.stop();
    };
    return {
      makeLink: async (monitor, incarnation) => {
        const proxy = new TcpProxy(ports.get(monitor) ?? 0);
        await proxy.start();
        proxies.set(monitor, proxy);
        const url = `mqtt://127.0.0.1:${proxy.port}`;
        const common = { url, clientId: `${monitor}-link`, retry: RETRY, log: () => {} };
        const link = new MqttLink({
          ...{ ...COMMON, monitor, incarnation },
          connect: (will) => buses.watch(monitor, new MqttBus({ ...common, ...buses.small, will })),
        });
        return { link, cut: async () => proxy.block(), mend: async () => proxy.unblock() };
      },
      spoil: async (monitor, bucket) => publish(monitor, spoiled(monitor, bucket)),
      jam: async (queue, speaker, listener) => {
        if (queue === carrier) return jam(speaker, listener);
        proxies.get(speaker)?.block();
        return { isOver: () => buses.isOver(speaker), clear: async () => proxies.get(speaker)?.unblock() };
      },
      lose: async (monitor, say) => buses.lose(monitor, say),
      keep: async (monitor) => {
        const kept = buses.kept(monitor);
        return async () => publish(monitor, kept);
      },
      close: async () => {
        await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
        await close();
      },
    };
  };
  linkContract(name, makeHarness, { ...options, queues: [OUTBOX, carrier] });
}

/** What no link would write: a header that lacks nearly all, and claims that are none. */
export function spoiled(monitor: Id, bucket: number): { topic: string; payload: string; qos: 1; retain: true }[] {
  const root = `guaita/monitor/${monitor}`;
  return [
    { topic: `${root}/status`, payload: '{"state":"online","host_key":"?"}', qos: 1, retain: true },
    { topic: `${root}/claims/${bucketLevel(bucket)}`, payload: '{"incarnation":1,"claims":[]}', qos: 1, retain: true },
  ];
}
