import { eventually } from '@guaita/lab/eventually';
import { expect, test, vi } from 'vitest';
import { Connection } from './connection.ts';
import { Connector } from './connector.ts';
import { AntidoteDouble } from './double/antidote-double.ts';
import { parseAddress } from './address.ts';

test('who stops in the very moment in which a connection opens waits for nothing', async () => {
  const double = new AntidoteDouble();
  await double.start();
  const opens = vi.spyOn(Connection, 'open');
  const reasons: string[] = [];
  const connector = new Connector({
    addresses: [parseAddress(double.address)],
    pauses: () => [].values(),
    connectTimeout_ms: 5_000,
    largestAnswer_bytes: 1_000,
    onConnected: () => undefined,
    onDisconnected: ({ message }) => void reasons.push(message),
  });
  let stopped: Promise<void> | undefined;
  opens.mockImplementationOnce(async (address, options, signal) => {
    opens.mockRestore();
    const connection = await Connection.open(address, options, signal);
    stopped = connector.stop();
    return connection;
  });
  connector.start();
  await eventually(() => expect(stopped).toBeDefined());
  await stopped;
  expect(reasons).toEqual(['stopped']);
  await double.stop();
}, 10_000);
