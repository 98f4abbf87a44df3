import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BrokerState, type Presence } from './broker-state.ts';
import type { Packet } from './stored-packet.ts';

const AWAY_MAX = 3;

let folder: string;
let problems: string[];
const states: BrokerState[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-'));
  problems = [];
});

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(states.splice(0).map((state) => state.close()));
  await rm(folder, { recursive: true });
});

async function opened(): Promise<BrokerState> {
  const state = new BrokerState(join(folder, 'broker.jsonl'), (problem) => problems.push(problem), AWAY_MAX);
  states.push(state);
  await state.open();
  return state;
}

async function reopened(state: BrokerState): Promise<BrokerState> {
  states.splice(states.indexOf(state), 1);
  await state.close();
  return opened();
}

let counter = 0;

function packet(topic: string, payload = 'x', more: Partial<Packet> = {}): Packet {
  counter += 1;
  const brokerCounter = counter;
  return {
    cmd: 'publish',
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retain: true,
    brokerId: 'b',
    brokerCounter,
    ...more,
  };
}

async function topics(stream: AsyncIterable<unknown>): Promise<string[]> {
  const found: string[] = [];
  for await (const item of stream) found.push((item as Packet).topic);
  return found;
}

function here(id: string, more: Partial<Presence> = {}): Presence {
  return { id, user: undefined, will: undefined, clean: false, ...more };
}

const keeper = { id: 'keeper', sessionExpiryInterval: 60 };

describe('the broker’s state', () => {
  test('a retained message comes back with all that it carried', async () => {
    const first = await opened();
    const properties = { responseTopic: 'r', correlationData: Buffer.from([0, 255]), messageExpiryInterval: 60 };
    await first.storeRetained(packet('a/b', 'ü', { properties, messageExpiry: Date.now() + 60_000 }));
    await first.storeRetained(packet('a/c', 'x', { messageExpiry: Date.now() - 1 }));
    const [found] = (await (await reopened(first)).createRetainedStream('a/+').toArray()) as Packet[];
    expect(found).toMatchObject({ topic: 'a/b', qos: 1, retain: true, properties });
    expect(found?.payload.toString()).toBe('ü');
    expect(await topics((await opened()).createRetainedStream('a/c'))).toEqual([]);
  });

  test('a kept session comes back with its subscriptions and its queue in order, less what was acknowledged', async () => {
    const first = await opened();
    await first.addSubscriptions(keeper, [
      { topic: 'a/#', qos: 1 },
      { topic: 'a/b', qos: 0 },
    ]);
    expect(await first.subscriptionsByTopic('a/b')).toEqual([{ clientId: 'keeper', topic: 'a/b', qos: 1, nl: false }]);
    expect(await first.subscriptionsByTopic('c')).toEqual([]);
    const queued = ['a/1', 'a/2', 'a/3'].map((topic) => packet(topic));
    for (const message of queued) await first.outgoingEnqueueCombi([{ clientId: 'keeper' }], message);
    await first.outgoingUpdate(keeper, { ...queued[1], messageId: 7 } as Packet);
    await first.outgoingClearMessageId(keeper, { ...queued[1], messageId: 7 } as Packet);
    await first.outgoingClearMessageId(keeper, { ...queued[0], messageId: undefined } as Packet);
    const second = await reopened(first);
    expect(await topics(second.outgoingStream(keeper))).toEqual(['a/1', 'a/3']);
    expect((await second.subscriptionsByClient(keeper)).map(({ topic }) => topic)).toEqual(['a/#', 'a/b']);
    await second.cleanSubscriptions(keeper);
    const third = await reopened(second);
    expect(await third.subscriptionsByClient(keeper)).toEqual([]);
    expect(await topics(third.outgoingStream(keeper))).toEqual([]);
  });

  test('a session whose client does not come back after a restart ends when its time is over', async () => {
    const first = await opened();
    await first.addSubscriptions(keeper, [{ topic: 'a/#', qos: 1 }]);
    await first.addSubscriptions({ id: 'other', sessionExpiryInterval: 60 }, [{ topic: 'a/#', qos: 1 }]);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
    const second = await reopened(first);
    second.came(here('other'));
    vi.advanceTimersByTime(180_000);
    expect((await second.subscriptionsByTopic('a/b')).map(({ clientId }) => clientId)).toEqual(['other']);
  });

  test('a session ends some time after its client has left, also when nobody else counts', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
    const state = await opened();
    for (const id of ['stays', 'goes']) {
      state.came(here(id));
      await state.addSubscriptions({ id, sessionExpiryInterval: 60 }, [{ topic: 'a/#', qos: 1 }]);
    }
    vi.advanceTimersByTime(180_000);
    state.left(here('goes'));
    expect(await state.subscriptionsByTopic('a/b')).toHaveLength(2);
    vi.advanceTimersByTime(180_000);
    expect((await state.subscriptionsByTopic('a/b')).map(({ clientId }) => clientId)).toEqual(['stays']);
  });

  test('only so many sessions are kept for clients that are away', async () => {
    const state = await opened();
    for (let n = 0; n < AWAY_MAX + 2; n += 1) {
      state.came(here(`c${n}`));
      await state.addSubscriptions({ id: `c${n}`, sessionExpiryInterval: 60 }, [{ topic: 'a/#', qos: 1 }]);
      state.left(here(`c${n}`));
    }
    expect((await state.subscriptionsByTopic('a/b')).map(({ clientId }) => clientId)).toEqual(['c0', 'c1', 'c2']);
    expect(problems).toEqual(
      ['c3', 'c4'].map((id) => expect.stringContaining(`that of client ${id} is not`) as string),
    );
  });

  test('whose a session is outlives a restart', async () => {
    const first = await opened();
    first.came(here('keeper', { user: 'ada' }));
    await first.addSubscriptions(keeper, [{ topic: 'a/#', qos: 1 }]);
    const second = await reopened(first);
    expect(second.keptFor('keeper')?.user).toBe('ada');
    expect(second.keptFor('nobody')).toBeUndefined();
  });

  test('the wills of who was connected are published at the next start, of who had left not, and only once', async () => {
    const first = await opened();
    for (const id of ['a', 'b', 'c']) first.came(here(id, { will: packet(`will/${id}`, 'x') }));
    first.left(here('b'));
    first.came(here('c'));
    const second = await reopened(first);
    const published: string[] = [];
    const publish = async (will: Packet): Promise<void> =>
      void published.push(`${will.topic}=${will.payload.toString()}`);
    await second.publishLastWills(publish);
    await (await reopened(second)).publishLastWills(publish);
    expect(published).toEqual(['will/a=x']);
  });

  test('who wants none of its own messages has none queued, unless it asks for them elsewhere', async () => {
    const state = await opened();
    await state.addSubscriptions(keeper, [
      { topic: 'a/#', qos: 1, nl: true },
      { topic: 'a/b', qos: 1 },
    ]);
    for (const topic of ['a/b', 'a/c']) {
      for (const clientId of ['keeper', 'other']) {
        const message = packet(topic, clientId, { clientId });
        await state.outgoingEnqueueCombi(await state.subscriptionsByTopic(topic), message);
      }
    }
    const queued = (await state.outgoingStream(keeper).toArray()) as Packet[];
    expect(queued.map(({ topic, payload }) => `${topic} of ${payload.toString()}`)).toEqual([
      'a/b of keeper',
      'a/b of other',
      'a/c of other',
    ]);
  });

  test('what a client never releases at QoS 2 is bounded, and gone with its session', async () => {
    const state = await opened();
    const client = { id: 'q' };
    const open = (messageId: number): Promise<void> =>
      state.incomingStorePacket(client, { ...packet('a', 'x'.repeat(1_000_000), { qos: 2 }), messageId });
    for (let n = 0; n < 20; n += 1) await open(1);
    for (const messageId of [2, 3, 4]) await open(messageId);
    await expect(open(5)).rejects.toThrow('client q releases none of the messages that it sends at QoS 2');
    await state.incomingDelPacket(client, { messageId: 1 });
    await open(5);
    state.left(here('q', { clean: false }));
    expect((await state.incomingGetPacket(client, { messageId: 5 })).topic).toBe('a');
    state.left(here('q', { clean: true }));
    await expect(state.incomingGetPacket(client, { messageId: 5 })).rejects.toThrow('has sent no packet 5');
    await open(1);
    await state.cleanSubscriptions(client);
    await expect(state.incomingGetPacket(client, { messageId: 1 })).rejects.toThrow('has sent no packet 1');
  });

  test('what has expired in the queue of a client that is away makes room, and is gone from the disk', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
    const state = await opened();
    const client = { id: 'keeper', sessionExpiryInterval: 3_600 };
    state.came(here('keeper'));
    await state.addSubscriptions(client, [{ topic: 'a/#', qos: 1 }]);
    state.left(here('keeper'));
    const expiring = packet('a/sent', 'x', { messageExpiry: Date.now() + 60_000 });
    await state.outgoingEnqueue({ clientId: 'keeper' }, expiring);
    await state.outgoingUpdate(client, { ...expiring, messageId: 7 });
    await state.outgoingEnqueue(
      { clientId: 'keeper' },
      packet('a/lasts', 'x', { messageExpiry: Date.now() + 600_000 }),
    );
    await state.outgoingEnqueue({ clientId: 'keeper' }, packet('a/always'));
    vi.advanceTimersByTime(120_000);
    expect(await topics(state.outgoingStream(client))).toEqual(['a/lasts', 'a/always']);
    expect(await state.outgoingClearMessageId(client, { ...expiring, messageId: 7 })).toBeUndefined();
    vi.useRealTimers();
    expect(await topics((await reopened(state)).outgoingStream(client))).toEqual(['a/lasts', 'a/always']);
  });

  test('a queue that is full gives up the newest, and says so once', async () => {
    const state = await opened();
    await state.addSubscriptions(keeper, [{ topic: 'a/#', qos: 1 }]);
    for (let n = 0; n < 20_005; n += 1) await state.outgoingEnqueue({ clientId: 'keeper' }, packet(`a/${n}`));
    expect(await topics(state.outgoingStream(keeper))).toHaveLength(20_000);
    expect(problems).toEqual(['the queue of client keeper is full: it loses messages until it is back']);
    await state.outgoingUpdate(keeper, packet('a/none', 'x', { messageId: 3 }));
  });
});
