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

test('connects only those that do not hear each other, and sees that they do then', async () => {
  const other = new AntidoteDouble({ store: double.store });
  await other.start();
  try {
    const steps: string[] = [];
    await connectDataCentres([double.address, other.address], { progress: (what) => steps.push(what) });
    expect(steps).toContain('all 2 data centres hear each other');
    const connects = double.requests.filter(({ kind }) => kind === 'connect').length;
    await connectDataCentres([double.address, other.address]);
    expect(double.requests.filter(({ kind }) => kind === 'connect')).toHaveLength(connects);
  } finally {
    await other.stop();
  }
});

test('says which does not hear which, where being connected does not help', async () => {
  const deaf = new AntidoteDouble();
  await deaf.start();
  try {
    const failed = connectDataCentres([double.address, deaf.address], { replicationTimeout_ms: 300 });
    await expect(failed).rejects.toThrow(
      `${double.address}: what is written at ${deaf.address} does not arrive here; see that the hosts reach each other`,
    );
  } finally {
    await deaf.stop();
  }
});

test('names every server that is not there, and does nothing at the others', async () => {
  const gone = new AntidoteDouble();
  await gone.start();
  await gone.stop();
  await expect(connectDataCentres([double.address, gone.address])).rejects.toThrow(
    `${gone.address}: no server within 10000 ms: cannot connect to ${gone.address}: connect ECONNREFUSED`,
  );
  expect(double.requests.map(({ kind }) => kind)).toEqual(['static read']);
}, 20_000);
