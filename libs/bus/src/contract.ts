import { TcpProxy } from '@guaita/lab';
import { afterEach, beforeEach, describe } from 'vitest';
import { connectionContract } from './contract/connections.ts';
import { deliveryContract } from './contract/delivery.ts';
import type { ContractBroker, ContractHarness } from './contract/harness.ts';
import { keptSessionContract } from './contract/kept-session.ts';
import { keptStateContract } from './contract/kept-state.ts';
import { PATIENCE_ms, Stage } from './contract/stage.ts';
import { waitingContract } from './contract/waiting.ts';
import { MqttBus } from './mqtt-bus.ts';

export type { ContractBroker, ContractBus, ContractBusOptions, ContractHarness } from './contract/harness.ts';

/** What every `Bus` does, whatever broker is behind it. */
export function busContract(name: string, makeHarness: () => Promise<ContractHarness>): void {
  describe(`the bus contract on ${name}`, { timeout: 3 * PATIENCE_ms }, () => {
    const stage = new Stage();
    beforeEach(async () => stage.open(await makeHarness()));
    afterEach(() => stage.close());

    deliveryContract(stage);
    connectionContract(stage);
    keptStateContract(stage);
    keptSessionContract(stage);
    waitingContract(stage);
  });
}

/** The world of a broker that listens on a loopback port: each bus reaches it by a proxy of its own, which breaks. */
export function overTcp(port: number, broker: ContractBroker): ContractHarness {
  return overProxies(port, broker, (proxy) => `mqtt://127.0.0.1:${proxy.port}`);
}

/** The same of a broker that listens on a Unix socket. */
export function overUnixSocket(path: string, broker: ContractBroker): ContractHarness {
  return overProxies(path, broker, (proxy) => `mqtt+unix://${proxy.path}`);
}

function overProxies(
  target: number | string,
  broker: ContractBroker,
  urlOf: (proxy: TcpProxy) => string,
): ContractHarness {
  const proxies: TcpProxy[] = [];
  return {
    ...broker,
    makeBus: async (options) => {
      const proxy = new TcpProxy(target);
      await proxy.start();
      proxies.push(proxy);
      const bus = new MqttBus({ url: urlOf(proxy), log: () => {}, ...options });
      return { bus, cut: () => proxy.cut(), kill: () => proxy.stop() };
    },
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await broker.close();
    },
  };
}
