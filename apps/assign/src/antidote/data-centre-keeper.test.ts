import { AntidoteClient, assign, text } from '@guaita/antidote';
import { AntidoteDouble } from '@guaita/antidote/double';
import { eventually } from '@guaita/lab/eventually';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { DataCentreKeeper, type DataCentreKeeperOptions } from './data-centre-keeper.ts';
import { Layout, NAMESPACE, SENTINEL } from './layout.ts';
import { encodeLife } from './life.ts';

const layout = new Layout(NAMESPACE);
const PACE = { look_ms: 20, silence_ms: 300, deafFirst_ms: 50, deafMost_ms: 100 };

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function server(host: string, generation = 1, store?: AntidoteDouble['store']): Promise<AntidoteDouble> {
  const double = new AntidoteDouble({
    node: `antidote-g${generation}-${host}@127.0.0.1`,
    ...(store === undefined ? {} : { store }),
  });
  await double.start();
  ends.push(() => double.stop());
  return double;
}

interface Kept {
  readonly lines: string[];
  readonly stop: () => Promise<void>;
}

function keep(servers: readonly AntidoteDouble[], options: Partial<DataCentreKeeperOptions> = {}): Kept {
  const lines: string[] = [];
  const log = pino(
    { base: null },
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const keeper = new DataCentreKeeper({
    addresses: servers.map(({ address }) => address),
    log,
    pace: PACE,
    ...options,
  });
  keeper.start();
  const stop = (): Promise<void> => keeper.stop();
  ends.push(stop);
  return { lines, stop };
}

const connects = (double: AntidoteDouble): number => double.requests.filter(({ kind }) => kind === 'connect').length;
const writes = (double: AntidoteDouble): number =>
  double.requests.filter(({ kind }) => kind === 'static update').length;

async function at<R>(double: AntidoteDouble, work: (client: AntidoteClient) => Promise<R>): Promise<R> {
  const client = new AntidoteClient({ addresses: [double.address] });
  client.start();
  try {
    return await work(client);
  } finally {
    await client.stop();
  }
}

const sentinelOf = (double: AntidoteDouble): Promise<string> =>
  at(double, async (client) => text((await client.read([layout.sentinel]))[0]));

/** Another beat of the monitor of that host. */
const beats = (double: AntidoteDouble, host: string, beat: number): Promise<unknown> =>
  at(double, (client) =>
    client.update([
      assign(layout.life(host), encodeLife({ incarnation: 1, beat, headerDigest: '', version: 0, ended: undefined })),
    ]),
  );

test('connects each with all others, once, and writes nothing but the sentinel', async () => {
  const one = await server('pi-1');
  const two = await server('pi-2');
  const { lines } = keep([one, two]);
  await eventually(async () => {
    expect([connects(one), connects(two)]).toEqual([1, 1]);
    expect([await sentinelOf(one), await sentinelOf(two)]).toEqual([SENTINEL, SENTINEL]);
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([connects(one), connects(two)]).toEqual([1, 1]);
  expect([writes(one), writes(two)]).toEqual([1, 1]);
  expect(lines).toEqual([
    `AntidoteDB: pi-1 (${one.address}) was connected with pi-2 (${two.address})`,
    `AntidoteDB: pi-2 (${two.address}) was connected with pi-1 (${one.address})`,
  ]);
});

test('connects with whoever comes later, and anew with whoever was away', async () => {
  const one = await server('pi-1');
  const two = await server('pi-2');
  await two.stop();
  keep([one, two]);
  await eventually(async () => expect(await sentinelOf(one)).toBe(SENTINEL));
  expect(connects(one)).toBe(0);
  await two.start();
  await eventually(() => expect([connects(one), connects(two)]).toEqual([1, 1]));
  await two.stop();
  await two.start();
  await eventually(() => expect(connects(two)).toBe(2));
});

test('cares for the server of its own host alone, where it is told to', async () => {
  const one = await server('pi-1');
  const two = await server('pi-2');
  keep([one, two], { isCared: (host) => host === 'pi-2' });
  await eventually(() => expect(connects(two)).toBe(1));
  await eventually(async () => expect(await sentinelOf(two)).toBe(SENTINEL));
  expect(connects(one)).toBe(0);
  expect(await sentinelOf(one)).toBe('');
});

test('does not connect servers of different generations, and says why', async () => {
  const old = await server('pi-1', 1);
  const anew = await server('pi-2', 2);
  const third = await server('pi-3', 2);
  const { lines } = keep([old, anew, third]);
  await eventually(() => expect([connects(anew), connects(third)]).toEqual([1, 1]));
  await eventually(() => expect(lines.join()).toMatch(/pi-1 \(.*\) is of generation 1, pi-2, pi-3 of another/));
  expect(connects(old)).toBe(0);
});

test('notices by the beats of monitors that one does not hear another, and connects it again, until it does', async () => {
  const one = await server('pi-1');
  const deaf = await server('pi-2');
  const { lines } = keep([one, deaf], { isCared: (host) => host === 'pi-2' });
  await eventually(() => expect(connects(deaf)).toBe(1));
  await beats(one, 'pi-1', 1);
  await eventually(() => expect(lines.join()).toContain('what is written at pi-1 does not arrive at pi-2'));
  await eventually(() => expect(connects(deaf)).toBeGreaterThan(1));
  await beats(deaf, 'pi-1', 1);
  await eventually(() => expect(lines.at(-1)).toBe('AntidoteDB: all is well again between its data centres'));
});

test('says that it holds the data of another version, and leaves them', async () => {
  const one = await server('pi-1');
  await at(one, (client) => client.update([assign(layout.sentinel, 'guaita 2')]));
  const { lines } = keep([one]);
  await eventually(() => expect(lines.join()).toContain('it holds "guaita 2": the data of another version of Guaita'));
  expect(await sentinelOf(one)).toBe('guaita 2');
});

test('says once that nobody can be found, and stops at once', async () => {
  const { lines, stop } = keep([], { addresses: ['nowhere.invalid:8087'] });
  await eventually(() => expect(lines).toEqual([expect.stringContaining('nowhere.invalid')]));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(lines).toHaveLength(1);
  await stop();
});
