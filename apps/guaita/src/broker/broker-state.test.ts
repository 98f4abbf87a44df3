import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BrokerState } from './broker-state.ts';
import type { Packet } from './stored-packet.ts';

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
  const state = new BrokerState(join(folder, 'broker.jsonl'), (problem) => problems.push(problem));
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
    expect(await first.subscriptionsByTopic('a/b')).toEqual([{ clientId: 'keeper', topic: 'a/b', qos: 1 }]);
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
    await second.subscriptionsByClient({ id: 'other' });
    vi.advanceTimersByTime(180_000);
    expect((await second.subscriptionsByTopic('a/b')).map(({ clientId }) => clientId)).toEqual(['other']);
  });

  test('a queue that is full gives up the newest, and says so once', async () => {
    const state = await opened();
    await state.addSubscriptions(keeper, [{ topic: 'a/#', qos: 1 }]);
    for (let n = 0; n < 10_005; n += 1) await state.outgoingEnqueue({ clientId: 'keeper' }, packet(`a/${n}`));
    expect(await topics(state.outgoingStream(keeper))).toHaveLength(10_000);
    expect(problems).toEqual(['the queue of client keeper is full: it loses messages until it is back']);
    await state.outgoingUpdate(keeper, packet('a/none', 'x', { messageId: 3 }));
  });
});
