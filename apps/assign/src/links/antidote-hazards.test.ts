import { add, AntidoteClient, assign, inMap, MapValue, text, type BoundObject } from '@guaita/antidote';
import { AntidoteDouble, type ClientRequest, type Fault } from '@guaita/antidote/double';
import { bucketOf, type LinkMessage } from '@guaita/cluster';
import { eventually } from '@guaita/lab/eventually';
import type { ClaimBucket, Header, Id, Intent } from '@guaita/model';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectDataCentres } from '../antidote/connect-data-centres.ts';
import { Layout, NAMESPACE } from '../antidote/layout.ts';
import { decodeLife, encodeLife } from '../antidote/life.ts';
import type { AntidotePace } from '../antidote/pace.ts';
import { AntidoteLink } from './antidote-link.ts';

const PACE: AntidotePace = {
  gap_ms: 5_000,
  poll_ms: 50,
  busyPoll_ms: 25,
  busy_ms: 1_000,
  beat_ms: 100,
  write_ms: 10,
  repair_ms: 200,
};
const layout = new Layout(NAMESPACE);

/** Long beside the pace: what has not happened by then does not. */
const SILENCE_ms = 400;

function header(beat: number, changes: Partial<Header> = {}): Header {
  return {
    ...{ host_key: '1'.repeat(32), incarnation: 3, session: 0, beat, site: 'home', tags: [], capacity: 10 },
    ...{ policy: { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' }, probe_age_s: null },
    ...{ probing: true, isolated: false, claims: { version: 2, count: 1, digest: '0'.repeat(16) } },
    ...{ seen: {}, intents: '0'.repeat(16), ...changes },
  };
}

const CLAIMS: ClaimBucket = {
  ...{ incarnation: 3, version: 2 },
  claims: { router: { state: 'held', sees: 'answering', episode: 0 } },
};

function drain(subject: Id, at_ms: number, wanted = true): Intent {
  return { kind: 'drain', subject, wanted, stamp: { at_ms, counter: 0, writer: 'one' } };
}

describe('the AntidoteDB link', { timeout: 60_000 }, () => {
  let double: AntidoteDouble;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    double = await startDouble();
    await connectDataCentres([double.address]);
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function startDouble(store?: AntidoteDouble['store']): Promise<AntidoteDouble> {
    const made = new AntidoteDouble(store === undefined ? {} : { store });
    await made.start();
    ends.push(() => made.stop());
    return made;
  }

  /** A link of a monitor, and what it tells. */
  async function start(monitor: Id, addresses: readonly [string, ...string[]] = [double.address]) {
    const heard: { message: LinkMessage; stored: boolean }[] = [];
    const connections: boolean[] = [];
    const log: string[] = [];
    const link = new AntidoteLink({
      ...{ monitor, addresses, pace: PACE },
      log: pino({ level: 'warn' }, { write: (line: string) => log.push((JSON.parse(line) as { msg: string }).msg) }),
    });
    ends.push(() => link.stop());
    await link.start(
      {
        heard: (message, stored) => heard.push({ message, stored }),
        connected: (connected) => connections.push(connected),
      },
      new AbortController().signal,
    );
    const of = (kind: LinkMessage['kind']) => heard.filter(({ message }) => message.kind === kind);
    return { link, heard, connections, log, of };
  }

  /** A monitor that has said a header, a bucket and an intent, which all stand in AntidoteDB. */
  async function speaking(monitor: Id, addresses?: readonly [string, ...string[]]) {
    const speaker = await start(monitor, addresses);
    speaker.link.say({ kind: 'intents', monitor, bucket: bucketOf('x'), intents: [drain('x', 5)] });
    speaker.link.say({ kind: 'bucket', monitor, bucket: 17, content: CLAIMS });
    speaker.link.say({ kind: 'header', monitor, header: header(100) });
    await eventually(() => expect(stands(monitor)).toEqual(ALL));
    return speaker;
  }

  const ALL = { life: true, header: true, bucket: true, listed: true, intent: true };

  /** What of a speaking monitor stands in AntidoteDB. */
  function stands(monitor: Id): typeof ALL {
    const texts = new Map([...double.store.objects.values()].map(({ object, value }) => [name(object), value]));
    const has = (object: BoundObject): boolean => ((texts.get(name(object)) ?? '') as Uint8Array | string).length > 0;
    const monitors = (texts.get(name(layout.monitors)) ?? []) as readonly Uint8Array[];
    return {
      life: has(layout.life(monitor)),
      header: has(layout.header(monitor)),
      bucket: has(layout.claims(monitor, 17)),
      listed: monitors.some((id) => text(id) === monitor),
      intent: texts.has(name(layout.intentBucket(bucketOf('x')))),
    };
  }

  async function pass(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SILENCE_ms));
  }

  function life(monitor: Id) {
    const client = double.store.objects;
    for (const { object, value } of client.values()) {
      if (name(object) === name(layout.life(monitor))) return decodeLife(JSON.parse(text(value as Uint8Array)));
    }
    return undefined;
  }

  async function write(...updates: Parameters<AntidoteClient['update']>[0]): Promise<void> {
    const client = new AntidoteClient({ addresses: [double.address] });
    client.start();
    await client.update(updates);
    await client.stop();
  }

  const writes = (): ClientRequest[] => double.requests.filter(({ kind }) => kind === 'static update');

  describe('and an answer of empty values and success', () => {
    test('of a server that starts: nothing is believed, told or written until it has read its log', async () => {
      await speaking('one');
      double.empty = true;
      const before = writes().length;
      const late = await start('late');
      late.link.say({ kind: 'header', monitor: 'late', header: header(1) });
      await pass();
      expect(late.heard).toEqual([]);
      expect(late.connections).toEqual([]);
      expect(writes()).toHaveLength(before);
      expect(late.log).toHaveLength(1);
      expect(late.log[0]).toMatch(/as if nothing had ever been written.*guaita antidote connect/);
      double.empty = false;
      await eventually(() => expect(late.of('bucket')).toHaveLength(1));
      await eventually(() => expect(stands('late')).toMatchObject({ life: true, listed: true }));
      expect(late.connections).toEqual([true]);
    });

    test('of one whose clock was set back: what is known stays, and nobody is told that it is gone', async () => {
      const one = await speaking('one');
      const two = await start('two');
      await eventually(() => expect(two.of('header')).not.toEqual([]));
      await eventually(() => expect(two.of('intents')).toHaveLength(1));
      const [heard, before] = [two.heard.length, writes().length];
      double.empty = true;
      await eventually(() => expect(two.connections).toEqual([true, false]));
      await eventually(() => expect(one.connections).toEqual([true, false]));
      one.link.say({ kind: 'header', monitor: 'one', header: header(101) });
      await pass();
      expect(two.heard).toHaveLength(heard);
      expect(writes().slice(before)).toEqual([]);
      double.empty = false;
      await eventually(() => expect(two.connections).toEqual([true, false, true]));
      await eventually(() => expect(two.of('header').at(-1)?.message).toMatchObject({ header: { beat: 101 } }));
    });

    test('but for the sentinel: nothing is told, and each writes its own part again', async () => {
      await speaking('one');
      const two = await start('two');
      await eventually(() => expect(two.of('intents')).toHaveLength(1));
      const heard = two.heard.length;
      const sentinel = [...double.store.objects].filter(([, { object }]) => name(object) === name(layout.sentinel));
      double.store.restore(new Map(sentinel));
      await eventually(() => expect(stands('one')).toEqual(ALL));
      const told = two.heard.slice(heard).map(({ message }) => message);
      expect(told.filter(({ kind }) => kind === 'intents' || kind === 'offline')).toEqual([]);
      for (const message of told) {
        if (message.kind === 'bucket') expect(message.content).toEqual(CLAIMS);
        if (message.kind === 'header') expect(message.header).toMatchObject(header(100));
      }
    });
  });

  test('writes no sentinel: a server that `guaita antidote connect` never saw stays as it is', async () => {
    const untouched = await startDouble();
    const { link, log, connections } = await start('one', [untouched.address]);
    link.say({ kind: 'header', monitor: 'one', header: header(1) });
    await pass();
    expect(untouched.store.objects.size).toBe(0);
    expect(connections).toEqual([]);
    expect(log).toHaveLength(1);
  });

  test('takes what an older state of the server holds for old, and writes its own part again', async () => {
    const one = await speaking('one');
    const hourAgo = double.store.objects;
    one.link.say({ kind: 'header', monitor: 'one', header: header(200, { capacity: 20 }) });
    await eventually(() => expect(life('one')?.beat).toBe(200));
    const two = await start('two');
    await eventually(() => expect(two.of('header')).toHaveLength(1));
    double.store.restore(hourAgo);
    await eventually(() => expect(life('one')?.beat).toBe(200));
    await pass();
    for (const { message, stored } of two.of('header')) {
      expect(message).toMatchObject({ header: { beat: 200, capacity: 20 } });
      expect(stored).toBe(true);
    }
  });

  test('writes again what was acknowledged and lost', async () => {
    const one = await start('one');
    await eventually(() => expect(one.connections).toEqual([true]));
    let lost = 2;
    double.fault = ({ kind }) => (kind === 'static update' && lost-- > 0 ? { kind: 'lost' } : undefined);
    one.link.say({ kind: 'bucket', monitor: 'one', bucket: 17, content: CLAIMS });
    one.link.say({ kind: 'header', monitor: 'one', header: header(100) });
    await eventually(() => expect(stands('one')).toEqual({ ...ALL, intent: false }));
    expect(lost).toBeLessThan(1);
  });

  test('finds out by reading back that a bucket or its header is gone', async () => {
    const one = await speaking('one');
    const without = [layout.claims('one', 17), layout.header('one')].map(name);
    double.store.restore(
      new Map([...double.store.objects].filter(([, { object }]) => !without.includes(name(object)))),
    );
    expect(stands('one')).toMatchObject({ header: false, bucket: false });
    let beat = 100;
    await eventually(() => {
      beat += 1;
      one.link.say({ kind: 'header', monitor: 'one', header: header(beat) });
      expect(stands('one')).toEqual(ALL);
    });
  });

  test('gives a read that never ends up, and sends no clocks, so that no read waits for one', async () => {
    const two = await start('two');
    await eventually(() => expect(two.connections).toEqual([true]));
    double.fault = ({ kind }): Fault | undefined => {
      if (kind !== 'static read') return undefined;
      double.fault = undefined;
      return { kind: 'silent' };
    };
    await eventually(() => expect(two.connections).toEqual([true, false, true]));
    await speaking('one');
    await eventually(() => expect(two.of('bucket')).toHaveLength(1));
    for (const request of double.requests) expect('after' in request ? request.after : undefined).toBeUndefined();
  });

  test('tries again what was aborted', async () => {
    let aborts = 3;
    double.fault = ({ kind }) =>
      kind === 'static update' && aborts-- > 0 ? { kind: 'error', code: 3, trace: '' } : undefined;
    const { connections } = await speaking('one');
    expect(connections).toEqual([true]);
  });

  test('goes on when the server fails at a write, and says so once', async () => {
    const one = await speaking('one');
    double.fault = ({ kind }) =>
      kind === 'static update' ? { kind: 'error', code: 0, trace: 'error: x\n' } : undefined;
    for (let beat = 101; beat < 110; beat += 1) {
      one.link.say({ kind: 'header', monitor: 'one', header: header(beat, { capacity: beat }) });
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(one.log).toEqual([expect.stringContaining('static update: the server failed: error: x')]);
    double.fault = undefined;
    await eventually(() => expect(life('one')?.beat).toBe(109));
  });

  test('uses each key for one type only', async () => {
    await speaking('one');
    const two = await speaking('two');
    await two.link.stop();
    const types = new Map<string, Set<string>>();
    for (const request of double.requests) {
      const objects = 'objects' in request ? request.objects : [];
      const targets = 'updates' in request ? request.updates.map(({ target }) => target) : [];
      for (const object of [...objects, ...targets]) {
        types.set(name(object), (types.get(name(object)) ?? new Set()).add(object.type));
      }
    }
    expect(types.size).toBeGreaterThan(10);
    expect([...types].filter(([, used]) => used.size > 1)).toEqual([]);
  });

  test('names garbage once, and passes it over', async () => {
    await speaking('one');
    const beat = { incarnation: 3, beat: 500, headerDigest: 'other', version: 9, ended: undefined };
    await write(
      assign(layout.header('odd'), '{"host_key":7}'),
      assign(layout.versions('odd'), '[]'),
      assign(layout.life('odd'), encodeLife(beat)),
      assign(layout.life('worse'), '\u0000'),
      add(layout.monitors, 'odd', 'worse', '../etc'),
      inMap(layout.intentBucket(3), assign(layout.intent('drain/q'), '{"kind":"drain"}')),
      inMap(layout.intentIndex, assign(layout.intentDigest(3), 'digest')),
      assign(layout.intents, 'moved'),
    );
    const two = await start('two');
    await eventually(() => expect(two.of('bucket')).toHaveLength(1));
    for (let more = 501; more < 504; more += 1) {
      await write(assign(layout.life('odd'), encodeLife({ ...beat, beat: more })));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect([...two.log].sort()).toEqual(
      ['the bucket versions of odd', 'the header of odd', 'the life of worse', 'intent drain/q in bucket 3']
        .map((what) => `AntidoteDB: ${what} holds what is none of ours; it is passed over`)
        .sort(),
    );
    expect(new Set(two.heard.map(({ message }) => message.monitor))).toEqual(new Set(['one']));
    expect(two.connections).toEqual([true]);
  });

  test('goes on when somebody wrote a key with another type, which nobody can read any more', async () => {
    await write(add({ ...layout.life('odd'), type: 'set_aw' }, 'x'), add(layout.monitors, 'odd'));
    const two = await start('two');
    await speaking('one');
    await eventually(() => expect(two.of('bucket')).toHaveLength(1));
    expect(two.log).toEqual(['AntidoteDB: l/odd cannot be read; it is passed over']);
    expect(two.connections).toEqual([true]);
  });

  test('takes the next server when one is gone, and when one is not to be believed', async () => {
    const other = await startDouble(double.store);
    const one = await speaking('one', [double.address, other.address]);
    await double.stop();
    one.link.say({ kind: 'header', monitor: 'one', header: header(101, { capacity: 11 }) });
    await eventually(() => expect(life('one')?.beat).toBe(101));
    await double.start();
    other.empty = true;
    one.link.say({ kind: 'header', monitor: 'one', header: header(102, { capacity: 12 }) });
    await eventually(() => expect(life('one')?.beat).toBe(102));
    expect(double.connections).toBe(1);
  });

  test('takes a beat for life only when it moved between two reads of one server that follow closely', async () => {
    const one = await speaking('one');
    const [first, second] = [await startDouble(double.store), await startDouble(double.store)];
    const two = await start('two', [first.address, second.address]);
    await eventually(() => expect(two.of('header')).toHaveLength(1));
    /** Whether a beat that is said, and written before anything else happens, is told as stored. */
    const isStored = async (beat: number, then: () => Promise<void> = async () => {}): Promise<boolean | undefined> => {
      one.link.say({ kind: 'header', monitor: 'one', header: header(beat) });
      await eventually(() => expect(life('one')?.beat).toBe(beat));
      await then();
      const heard = () => two.of('header').find(({ message }) => (message as { header: Header }).header.beat === beat);
      await eventually(() => expect(heard()).toBeDefined());
      return heard()?.stored;
    };
    await second.stop();
    expect(await isStored(150)).toBe(false);
    await first.stop();
    expect(await isStored(151, () => second.start())).toBe(true);
    expect(await isStored(152)).toBe(false);
    await second.stop();
    await new Promise((resolve) => setTimeout(resolve, PACE.gap_ms));
    expect(await isStored(153, () => second.start())).toBe(true);
    // That read was asked for while there was no server; the ones after it follow closely again.
    await pass();
    expect(await isStored(154)).toBe(false);
  });

  test('writes no beat for a monitor that says none', async () => {
    await speaking('one');
    const before = life('one');
    await pass();
    expect(life('one')).toEqual(before);
  });

  test('tells of a former self and of another host under our id, and writes nothing over a greater incarnation', async () => {
    const former = await speaking('one');
    await former.link.stop();
    const one = await start('one');
    one.link.say({ kind: 'header', monitor: 'one', header: header(1, { incarnation: 2, capacity: 99 }) });
    await eventually(() => expect(one.of('header')).toHaveLength(1));
    expect(one.of('header')[0]).toMatchObject({
      message: { monitor: 'one', header: { incarnation: 3 } },
      stored: true,
    });
    await pass();
    expect(life('one')?.incarnation).toBe(3);
    one.link.say({ kind: 'header', monitor: 'one', header: header(2, { incarnation: 4 }) });
    await eventually(() => expect(life('one')?.incarnation).toBe(4));
    const clone = header(7, { incarnation: 5, host_key: '2'.repeat(32) });
    await write(
      assign(layout.header('one'), JSON.stringify(clone)),
      assign(layout.life('one'), encodeLife({ ...clone, headerDigest: 'x', version: 0, ended: undefined })),
    );
    await eventually(() => expect(one.of('header').at(-1)?.message).toMatchObject({ header: clone }));
    one.link.say({ kind: 'header', monitor: 'one', header: header(3, { incarnation: 4, capacity: 1 }) });
    await pass();
    expect(life('one')?.incarnation).toBe(5);
  });

  describe('and what operators intend', () => {
    const bucket = bucketOf('x');

    test('joins what two wrote at once, the newer stamp counts on both sides', async () => {
      const values = [drain('x', 7, false), drain('x', 6)].map((intent) => Buffer.from(JSON.stringify(intent)));
      double.store.put(layout.intentBucket(bucket), new MapValue([{ field: layout.intent('drain/x'), value: values }]));
      await write(
        inMap(layout.intentIndex, assign(layout.intentDigest(bucket), 'one of two')),
        assign(layout.intents, 'moved'),
      );
      const one = await start('one');
      await eventually(() => expect(one.of('intents')).toHaveLength(1));
      expect(one.of('intents')[0]?.message).toMatchObject({ bucket, intents: [drain('x', 7, false)] });
      one.link.say({ kind: 'intents', monitor: 'one', bucket, intents: [drain('x', 9)] });
      const two = await start('two');
      await eventually(() => expect(two.of('intents').at(-1)?.message).toMatchObject({ intents: [drain('x', 9)] }));
    });

    test('never lets an older copy, or one with less in it, take anything away', async () => {
      const one = await speaking('one');
      one.link.say({ kind: 'intents', monitor: 'one', bucket, intents: [drain('x', 8)] });
      const two = await start('two');
      two.link.say({ kind: 'intents', monitor: 'two', bucket, intents: [drain('x', 2, false)] });
      await eventually(() => expect(two.of('intents').at(-1)?.message).toMatchObject({ intents: [drain('x', 8)] }));
      two.link.say({ kind: 'intents', monitor: 'two', bucket, intents: [] });
      await pass();
      const late = await start('late');
      await eventually(() => expect(late.of('intents').at(-1)?.message).toMatchObject({ intents: [drain('x', 8)] }));
    });

    test('does not tell again and again what the monitor drops', async () => {
      await speaking('one');
      const two = await start('two');
      await eventually(() => expect(two.of('intents')).toHaveLength(1));
      for (let turn = 0; turn < 5; turn += 1) {
        two.link.say({ kind: 'intents', monitor: 'two', bucket, intents: [] });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(two.of('intents')).toHaveLength(1);
    });

    test('writes nothing that stands there already', async () => {
      await speaking('one');
      const before = writes().length;
      const two = await start('two');
      two.link.say({ kind: 'intents', monitor: 'two', bucket, intents: [drain('x', 5)] });
      await pass();
      expect(writes()).toHaveLength(before);
      expect(two.of('intents')).toEqual([]);
    });

    test('polls a forgotten monitor no more, until it comes back anew', async () => {
      const one = await speaking('one');
      await one.link.stop();
      const two = await start('two');
      await eventually(() => expect(two.of('header')).toHaveLength(1));
      const forget: Intent = { ...drain('one', 6), kind: 'forget', incarnation: 3 };
      two.link.say({ kind: 'intents', monitor: 'two', bucket: bucketOf('one'), intents: [forget] });
      await eventually(() => expect(stands('one').listed).toBe(false));
      await pass();
      const reads = double.requests.length;
      await pass();
      const asked = double.requests
        .slice(reads)
        .flatMap((request) => ('objects' in request ? request.objects.map(name) : []));
      expect(asked.length).toBeGreaterThan(0);
      expect(asked).not.toContain(name(layout.life('one')));
      const anew = await start('one');
      anew.link.say({ kind: 'header', monitor: 'one', header: header(1, { incarnation: 4 }) });
      await eventually(() => expect(two.of('header').at(-1)?.message).toMatchObject({ header: { incarnation: 4 } }));
    });
  });

  test('reads little while nothing moves: of 60 monitors, one small register each', async () => {
    const monitors = Array.from({ length: 60 }, (_, index) => `monitor-${index}.site-${index % 12}`);
    const seen = Object.fromEntries(monitors.map((monitor) => [monitor, { incarnation: 3, version: 2 }]));
    for (const monitor of monitors) {
      const { claims } = header(1);
      await write(
        assign(layout.header(monitor), JSON.stringify(header(2 ** 39, { seen }))),
        assign(layout.versions(monitor), JSON.stringify({ incarnation: 3, versions: [] })),
        assign(
          layout.life(monitor),
          encodeLife({
            incarnation: 3,
            beat: 2 ** 39,
            headerDigest: '01234567',
            version: claims.version,
            ended: undefined,
          }),
        ),
        add(layout.monitors, monitor),
      );
    }
    const one = await start(monitors[0] ?? '');
    await eventually(() => expect(one.of('header')).toHaveLength(60));
    await pass();
    const [requests, bytes] = [double.requests.length, double.received_bytes + double.sent_bytes];
    await pass();
    const polls = double.requests.length - requests;
    expect(polls).toBeGreaterThan(0);
    expect(double.requests.slice(requests).every(({ kind }) => kind === 'static read')).toBe(true);
    // At one poll in 5 s, 2 KB/s is 10 KB a poll; half of it is kept for our own beat and for reading it back.
    expect((double.received_bytes + double.sent_bytes - bytes) / polls).toBeLessThan(7_000);
  });
});

function name({ key }: { key: Uint8Array }): string {
  return text(key);
}
