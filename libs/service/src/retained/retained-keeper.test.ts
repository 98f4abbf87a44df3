import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { ManualClock } from '../clock.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RetainedKeeper } from './retained-keeper.ts';
import { NameMemory } from './name-memory.ts';

const FILTER = 'guaita/device/+/spec';
const topic = (device: string): string => `guaita/device/${device}/spec`;

let folder: string;
let broker: MemoryBroker;
/** What is said on the topics of the keepers, in order. */
let said: string[];
const releases: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-'));
  broker = new MemoryBroker();
  said = [];
  const bus = new MemoryBus(broker);
  await bus.start();
  releases.push(() => bus.stop());
  const note = (text: string): void => void said.push(text);
  await bus.subscribe(FILTER, ({ topic, payload }) =>
    note(`${topic.split('/')[2]}=${Buffer.from(payload).toString()}`),
  );
});
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
  await rm(folder, { recursive: true });
});

/** A keeper of a monitor on the shared broker; whose turn it is can be changed. */
async function keeper(monitor: string, speaks = true) {
  const bus = new MemoryBus(broker);
  await bus.start();
  const turn = { speaks };
  const kept = new RetainedKeeper({
    ...{ wire: new Wire(bus, () => undefined), clock: new ManualClock(), log: pino({ level: 'silent' }) },
    ...{ monitor, name: 'audience', filters: [FILTER], onState: () => undefined, speaks: () => turn.speaks },
    memory: new NameMemory(join(folder, monitor)),
  });
  kept.start();
  const stop = async (): Promise<void> => {
    await kept.stop();
    await bus.stop();
  };
  releases.push(stop);
  const pass = (speaks: boolean): void => {
    turn.speaks = speaks;
    if (speaks) kept.speak();
    else kept.fallSilent();
  };
  return { kept, bus, pass };
}

/** Just that is said, and nothing after it. */
async function until(expected: readonly string[]): Promise<void> {
  await eventually(() => expect(said).toEqual(expected));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(said).toEqual(expected);
}

describe('a keeper of retained messages', () => {
  it('says one message when one of thousands changes', async () => {
    const { kept } = await keeper('a');
    for (let n = 0; n < 3000; n += 1) kept.set(topic(`d${n}`), '1');
    await eventually(() => expect(said).toHaveLength(3000));
    said = [];
    kept.set(topic('d7'), '2');
    kept.set(topic('d8'), '1');
    kept.set(topic('d9'), undefined);
    await until(['d9=', 'd7=2']);
  });

  it('says the newest of what changed several times meanwhile', async () => {
    const { kept } = await keeper('a');
    for (const payload of ['1', '2', '3']) kept.set(topic('x'), payload);
    kept.set(topic('y'), '1');
    kept.set(topic('y'), undefined);
    await until(['x=3']);
  });

  it('is silent while it is another’s turn, and then says only what differs from what that one said', async () => {
    const a = await keeper('a');
    const b = await keeper('b', false);
    for (const { kept } of [a, b]) {
      kept.purge();
      for (const device of ['same', 'old', 'gone']) kept.set(topic(device), '1');
    }
    await until(['same=1', 'old=1', 'gone=1']);
    a.pass(false);
    for (const { kept } of [a, b]) {
      kept.set(topic('old'), '2');
      kept.set(topic('gone'), undefined);
    }
    said = [];
    b.pass(true);
    await until(['gone=', 'old=2']);
  });

  it('leaves what another said since as it is when its own connection comes back', async () => {
    const a = await keeper('a');
    a.kept.set(topic('x'), 'of a');
    await until(['x=of a']);
    a.pass(false);
    broker.publish({ topic: topic('x'), payload: 'of b', qos: 1, retain: true });
    broker.cut();
    await eventually(() => expect(a.bus.connected).toBe(true));
    await a.bus.flushed();
    expect(broker.retained.get(topic('x'))).toBe('of b');
  });

  it('takes away what a former run said only once all is known', async () => {
    const first = await keeper('a');
    for (const device of ['x', 'y']) first.kept.set(topic(device), '1');
    await until(['x=1', 'y=1']);
    await releases.pop()?.();
    const second = await keeper('a');
    second.kept.set(topic('x'), '1');
    await until(['x=1', 'y=1', 'x=1']);
    second.kept.purge();
    await until(['x=1', 'y=1', 'x=1', 'y=']);
  });
});
