import { createServer, type Socket } from 'node:net';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, expect, test } from 'vitest';
import type { Bus, OutgoingMessage } from './bus.ts';
import { MemoryBroker } from './memory-broker.ts';
import { MemoryBus } from './memory-bus.ts';
import { MqttBus } from './mqtt-bus.ts';

const PATIENCE_ms = 20_000;

/** A CONNACK of MQTT 5 that takes everything. */
const CONNACK = Buffer.from('2003000000', 'hex');

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function event(topic: string, payload = 'x'): OutgoingMessage {
  return { topic, payload, qos: 1, retain: false };
}

function ended<T extends Bus>(bus: T): T {
  ends.push(() => bus.stop(100));
  return bus;
}

test('a listener that fails is logged, and neither the others nor the connection suffer', async () => {
  const broker = new MemoryBroker();
  const errors: string[] = [];
  const log = (level: string, message: string): void => void (level === 'error' && errors.push(message));
  const bus = ended(new MemoryBus(broker, { log }));
  const changes: boolean[] = [];
  bus.onConnection(() => {
    throw new Error('my fault');
  });
  bus.onConnection((connected) => changes.push(connected));
  await bus.start();
  broker.cut();
  await eventually(() => expect(changes).toEqual([true, false, true]));
  expect(bus.connected).toBe(true);
  expect(errors).toHaveLength(3);
  expect(errors[0]).toContain('a listener for the connection failed: Error: my fault');
});

test('what no packet can hold is refused at once, and does not stop what follows', async () => {
  const broker = new MemoryBroker();
  const bus = ended(new MemoryBus(broker));
  await bus.start();
  expect(() => bus.publish({ ...event('a'), responseTopic: 'reply/+' })).toThrow(
    'cannot publish to "a": of its response topic "reply/+": it has a wildcard',
  );
  expect(() => bus.publish({ ...event('a'), responseTopic: 'x'.repeat(65_536) })).toThrow(/longer than 65535/);
  expect(() => bus.publish({ ...event('a'), correlationData: new Uint8Array(65_536) })).toThrow(
    'cannot publish to "a": its correlation data of 65536 bytes is longer than 65535',
  );
  bus.publish({ ...event('b'), retain: true });
  await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
  expect([...broker.retained.keys()]).toEqual(['b']);
});

test('a bus that has stopped holds no socket to a broker that reads nothing', { timeout: 60_000 }, async () => {
  let peer: Socket | undefined;
  const server = createServer((socket) => {
    peer = socket;
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(CONNACK);
      socket.pause();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const bus = ended(new MqttBus({ url: `mqtt://127.0.0.1:${port}`, clientId: 'x', log: () => {} }));
  await bus.start(AbortSignal.timeout(PATIENCE_ms));
  // Ten times what two kernels hold for a connection.
  for (let n = 0; n < 600; n += 1) bus.publish(event('a', 'x'.repeat(200_000)));
  await bus.stop(300);
  const closed = new Promise((resolve) => peer?.once('close', resolve));
  peer?.resume();
  await closed;
  expect(peer?.bytesRead).toBeLessThan(25_000_000);
});
