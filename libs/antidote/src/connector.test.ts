import { eventually } from '@guaita/lab/eventually';
import { expect, test, vi } from 'vitest';
import { Connection } from './connection.ts';
import { Connector } from './connector.ts';
import { AntidoteDouble } from './double/antidote-double.ts';
import { allOf, parseAddress, type Address } from './address.ts';

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

test('takes the one server that is wanted of those under its addresses, and says which others stand there', async () => {
  const servers = ['one', 'two', 'three'].map((name) => new AntidoteDouble({ node: `antidote@${name}` }));
  for (const server of servers) await server.start();
  const connected: string[] = [];
  const connector = new Connector({
    addresses: servers.map(({ address }) => parseAddress(address)) as [Address, ...Address[]],
    isWanted: (node) => node === 'antidote@two',
    pauses: () => [10, 10, 10, 10, 10][Symbol.iterator](),
    connectTimeout_ms: 5_000,
    largestAnswer_bytes: 1_000,
    onConnected: (server) => void connected.push(server),
    onDisconnected: () => undefined,
  });
  connector.start();
  await connector.connection(5_000);
  expect(connected).toEqual([servers[1]?.address]);
  expect(servers[0]?.connections).toBe(0);
  await servers[1]?.stop();
  await eventually(() =>
    expect(connector.connection(100)).rejects.toThrow(/is antidote@three, which is not the one wanted|cannot connect/),
  );
  await connector.stop();
  for (const server of servers) await server.stop();
}, 10_000);

test('resolves a name for all that it stands for, each once', async () => {
  const found = await allOf([
    parseAddress('127.0.0.1:1'),
    parseAddress('127.0.0.1:1'),
    parseAddress('nowhere.invalid:2'),
  ]);
  expect(found).toEqual([{ host: '127.0.0.1', port: 1 }]);
  await expect(allOf([parseAddress('nowhere.invalid:2')])).rejects.toThrow('nowhere.invalid');
});
