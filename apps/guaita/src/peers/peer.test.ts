import { MemoryBroker, MemoryBus, type Bus, type IncomingMessage } from '@guaita/bus';
import { expect, test } from 'vitest';
import { Peer } from './peer.ts';
import { Subtree } from './subtree.ts';

const SILENT = { info: () => {}, warn: () => {} };

test('stops, and says goodbye to its peer, also while this host’s broker owes it an answer', async () => {
  const broker = new MemoryBroker();
  const [bus, listener] = [new MemoryBus(broker), new MemoryBus(broker)];
  await listener.start();
  const heard: IncomingMessage[] = [];
  await listener.subscribe('guaita/#', (message) => heard.push(message));
  const asked = Promise.withResolvers<void>();
  // As one whose queue for us is full of what it retains: it drops its answer too.
  const own = {
    subscribe: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  } as unknown as Bus;
  const peer = new Peer({ name: 'two', bus, own, subtree: new Subtree('guaita', 'one'), log: SILENT });
  peer.start(new AbortController().signal);
  await asked.promise;
  peer.push({ topic: 'guaita/monitor/one/status', payload: '{"state":"offline"}', qos: 0, retain: true });
  await peer.stop();
  expect(heard.map(({ topic }) => topic)).toEqual(['guaita/monitor/one/status']);
  await listener.stop();
});
