import { AntidoteClient, assign } from '@guaita/antidote';
import { AntidoteDouble } from '@guaita/antidote/double';
import { bucketOf, type LinkMessage } from '@guaita/cluster';
import { eventually } from '@guaita/lab/eventually';
import { BUCKETS, type Header, type Intent } from '@guaita/model';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectDataCentres } from '../antidote/connect-data-centres.ts';
import { Layout, NAMESPACE } from '../antidote/layout.ts';
import type { AntidotePace } from '../antidote/pace.ts';
import { AntidoteLink } from './antidote-link.ts';

const PACE: AntidotePace = {
  ...{ gap_ms: 5_000, poll_ms: 50, busyPoll_ms: 25, busy_ms: 1_000, beat_ms: 100, write_ms: 10, repair_ms: 200 },
};
const DRAINED: Intent = {
  ...{ kind: 'drain', subject: 'three', wanted: true },
  stamp: { at_ms: 1, counter: 0, writer: 'two' },
};

let double: AntidoteDouble;
let links: AntidoteLink[];

beforeEach(async () => {
  double = new AntidoteDouble();
  await double.start();
  await connectDataCentres([double.address]);
  links = [];
});

afterEach(async () => {
  await Promise.all(links.map((link) => link.stop()));
  await double.stop();
});

function header(beat: number, incarnation = 3): Header {
  return {
    ...{ host_key: '1'.repeat(32), incarnation, session: 0, beat, site: 'home', tags: [], capacity: 10 },
    ...{ policy: { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' }, probe_age_s: null },
    ...{ probing: true, isolated: false, claims: { version: 0, count: 0, digest: '0'.repeat(16) } },
    ...{ seen: {}, intents: '0'.repeat(16) },
  };
}

async function start(monitor: string) {
  const heard: { message: LinkMessage; stored: boolean }[] = [];
  const link = new AntidoteLink({
    ...{ monitor, addresses: [double.address], log: pino({ level: 'silent' }), pace: PACE },
  });
  links.push(link);
  await link.start(
    { heard: (message, stored) => void heard.push({ message, stored }), connected: () => undefined },
    new AbortController().signal,
  );
  return { link, heard };
}

test('what operators intend is taken for old until somebody is seen to write, and for new then', async () => {
  const two = await start('two');
  two.link.say({ kind: 'header', monitor: 'two', header: header(1) });
  two.link.say({ kind: 'intents', monitor: 'two', bucket: bucketOf('three'), intents: [DRAINED] });
  await eventually(() => expect(double.store.objects.size).toBeGreaterThan(5));
  const one = await start('one');
  const told = (): boolean[] =>
    one.heard.filter(({ message }) => message.kind === 'intents').map(({ stored }) => stored);
  await eventually(() => expect(told()).toEqual([true]));
  two.link.say({ kind: 'header', monitor: 'two', header: header(2) });
  await eventually(() =>
    expect(one.heard.some(({ message, stored }) => message.kind === 'header' && !stored)).toBe(true),
  );
  const nothing = { versions: Array<number>(BUCKETS).fill(0), intents: Array<string>(BUCKETS).fill('0'.repeat(16)) };
  one.link.say({ kind: 'wants', monitor: 'one', peer: 'two', incarnation: 3, ...nothing });
  await eventually(() => expect(told()).toEqual([true, false]));
});

test('a former self of which only the life is left is told, so that the incarnation is raised above it', async () => {
  const client = new AntidoteClient({ addresses: [double.address] });
  client.start();
  const life = new Layout(NAMESPACE).life('one');
  await client.update([assign(life, '[5,100,"abcd",3]')]);
  const one = await start('one');
  one.link.say({ kind: 'header', monitor: 'one', header: header(1) });
  await eventually(() =>
    expect(one.heard[0]?.message).toMatchObject({ kind: 'bucket', monitor: 'one', content: { incarnation: 5 } }),
  );
  one.link.say({ kind: 'header', monitor: 'one', header: header(2, 6) });
  await eventually(async () => {
    const [bytes] = await client.read([life]);
    expect(Buffer.from(bytes).toString()).toMatch(/^\[6,2,/);
  });
  await client.stop();
});
