import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { afterEach, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { presenceWill, sayPresence, type Speaker } from './presence.ts';

const speaker: Speaker = { base: 'guaita', monitor: 'lab', service: 'ping', instance: 'one' };
const TOPIC = 'guaita/host/lab/presence/ping/one';

const clock = new ManualClock();
/** The broker's time after everybody else has stopped living in it. */
let left_ms = 0;
const broker = new MemoryBroker({ monotonic_ms: () => clock.monotonic_ms() + left_ms });
let bus: MemoryBus;

async function says(): Promise<() => void> {
  bus = new MemoryBus(broker, {
    clientId: 'one',
    will: presenceWill(speaker),
    monotonic_ms: () => clock.monotonic_ms(),
  });
  await bus.start();
  return sayPresence(new Wire(bus, () => undefined), speaker, clock, () => false);
}

afterEach(() => bus.stop());

test('a presence holds as long as its instance lives, and goes at once with its goodbye', async () => {
  const leave = await says();
  for (let minute = 0; minute < 10; minute++) {
    await clock.advance(60_000);
    expect(broker.retained.has(TOPIC)).toBe(true);
  }
  leave();
  await bus.flushed();
  expect(broker.retained.has(TOPIC)).toBe(false);
  await clock.advance(60_000);
  expect(broker.retained.has(TOPIC)).toBe(false);
});

test('a presence whose instance ended with no goodbye and no will, as where its broker died too, expires', async () => {
  const leave = await says();
  await clock.advance(60_000);
  left_ms += 30_000;
  expect(broker.retained.has(TOPIC)).toBe(true);
  left_ms += 30_000;
  expect(broker.retained.has(TOPIC)).toBe(false);
  leave();
});
