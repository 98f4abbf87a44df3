import { expect, test } from 'vitest';
import { RetainedMessages } from './retained-messages.ts';
import type { Packet } from './stored-packet.ts';

function packet(topic: string, payload: string): Packet {
  return { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: true };
}

test('a subscriber that takes retained messages slowly is given none that is old by then', () => {
  const retained = new RetainedMessages(() => undefined);
  for (const topic of ['a/1', 'a/2', 'a/3']) retained.store(packet(topic, 'old'));
  const taken = retained.under(['a/+', 'b']);
  const next = (): string | undefined => {
    const { value, done } = taken.next();
    return done === true ? undefined : `${value.topic} ${String(value.payload)}`;
  };
  expect(next()).toBe('a/1 old');
  retained.store(packet('a/2', ''));
  retained.store(packet('a/3', 'new'));
  expect(next()).toBe('a/3 new');
  expect(next()).toBeUndefined();
});
