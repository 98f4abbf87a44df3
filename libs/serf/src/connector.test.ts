import { eventually } from '@guaita/lab/eventually';
import { expect, test, vi } from 'vitest';
import { parseAddress } from './address.ts';
import { Connection } from './connection.ts';
import { Connector } from './connector.ts';
import { SerfDouble } from './double/serf-double.ts';
import { systemTimers } from './timers.ts';

test('who stops in the very moment in which a connection opens waits for nothing', async () => {
  const double = new SerfDouble();
  await double.start();
  const opens = vi.spyOn(Connection, 'open');
  const reasons: string[] = [];
  const connector = new Connector({
    address: parseAddress(double.address),
    authKey: undefined,
    pauses: () => [].values(),
    connectTimeout_ms: 5_000,
    requestTimeout_ms: 5_000,
    bounds: { most_bytes: 1_000, most_values: 1_000 },
    timers: systemTimers,
    onConnected: () => undefined,
    onDisconnected: ({ message }) => void reasons.push(message),
    onConnectFailed: () => undefined,
  });
  let stopped: Promise<void> | undefined;
  opens.mockImplementationOnce(async (options, signal) => {
    opens.mockRestore();
    const connection = await Connection.open(options, signal);
    stopped = connector.stop();
    return connection;
  });
  connector.start();
  await eventually(() => expect(stopped).toBeDefined());
  await stopped;
  expect(reasons).toEqual(['stopped']);
  await double.stop();
}, 10_000);
