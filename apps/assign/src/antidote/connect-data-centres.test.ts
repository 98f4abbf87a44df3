import { AntidoteClient, assign, text } from '@guaita/antidote';
import { AntidoteDouble } from '@guaita/antidote/double';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectDataCentres } from './connect-data-centres.ts';
import { Layout, NAMESPACE, SENTINEL } from './layout.ts';

const { sentinel } = new Layout(NAMESPACE);

let double: AntidoteDouble;
let client: AntidoteClient;

beforeEach(async () => {
  double = new AntidoteDouble();
  await double.start();
  client = new AntidoteClient({ addresses: [double.address] });
  client.start();
});

afterEach(async () => {
  await client.stop();
  await double.stop();
});

const found = async (): Promise<string> => text((await client.read([sentinel]))[0]);

test('writes the sentinel, and may be run again', async () => {
  await connectDataCentres([double.address]);
  expect(await found()).toBe(SENTINEL);
  await connectDataCentres([double.address]);
  expect(await found()).toBe(SENTINEL);
});

test('leaves the data of another version as they are, and says whose they are', async () => {
  await client.update([assign(sentinel, 'guaita 2')]);
  await expect(connectDataCentres([double.address])).rejects.toThrow(
    `${double.address}: write the sentinel: it holds "guaita 2"`,
  );
  expect(await found()).toBe('guaita 2');
});
