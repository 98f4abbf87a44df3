import { expect, test } from 'vitest';
import type { OutgoingMessage } from './bus.ts';
import { Sender } from './sender.ts';
import type { Connection, Settled } from './transport.ts';

function state(topic: string, payload = 'x'): OutgoingMessage {
  return { topic, payload, qos: 1, retain: true };
}

/** A sender, its clock, and what was refused. */
function makeSender(): { sender: Sender; clock: { now_ms: number }; refused: string[] } {
  const refused: string[] = [];
  const clock = { now_ms: 0 };
  const sender = new Sender({
    outboxLimit: 100,
    stateLimit: 100,
    gather_ms: 0,
    now_ms: () => clock.now_ms,
    rejected: ({ topic }, reason) => refused.push(`${topic}: ${reason}`),
    forgetful: () => {},
  });
  return { sender, clock, refused };
}

function connection(send: (message: OutgoingMessage, settled: Settled) => void): Connection {
  return {
    receiveMaximum: 65_535,
    writable: true,
    send: (message, _expiry_s, settled) => send(message, settled),
    subscribe: () => Promise.resolve(),
    unsubscribe: () => Promise.resolve(),
    end: () => Promise.resolve(),
    destroy: () => {},
    sever: () => {},
  };
}

/** Connects again and again to a broker that hangs up on a topic, and takes all that came before it. */
async function live(sender: Sender, poison: string, connections: number, again = false): Promise<string[]> {
  const taken: string[] = [];
  for (let n = 0; n < connections; n += 1) {
    let broken = false;
    sender.attach(
      connection(({ topic }, settled) => {
        broken ||= topic === poison;
        if (broken) return;
        taken.push(topic);
        queueMicrotask(settled);
      }),
      again || n > 0,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (broken) sender.detach();
  }
  return taken;
}

test('a message that the broker hangs up on is refused after the third time, and all others get through', async () => {
  const { sender, refused } = makeSender();
  for (const topic of ['a', 'poison', 'b', 'c']) sender.publish({ ...state(topic), retain: false });
  expect(await live(sender, 'poison', 5)).toEqual(['a', 'b', 'c']);
  expect(refused).toEqual(['poison: each time that it was sent, the connection broke at once']);
  expect(sender.status).toEqual({ waiting: 0, dropped: 0, rejected: 1 });
});

test('so is state that the broker took once and hangs up on when it is said again', async () => {
  const { sender, refused } = makeSender();
  for (const topic of ['a', 'poison', 'b']) sender.publish(state(topic));
  expect(await live(sender, 'nothing', 1)).toEqual(['a', 'poison', 'b']);
  sender.detach();
  sender.publish(state('c'));
  expect(new Set(await live(sender, 'poison', 6, true))).toEqual(new Set(['a', 'b', 'c']));
  expect(refused).toEqual(['poison: each time that it was sent, the connection broke at once']);
  expect(sender.status.waiting).toBe(0);
});

test('state that is left to others while it is being said again is not kept for the next connection', async () => {
  const { sender } = makeSender();
  for (const topic of ['mine', 'theirs']) sender.publish(state(topic));
  await live(sender, 'nothing', 1);
  sender.detach();
  const said: string[] = [];
  const silent = connection(({ topic }) => said.push(topic));
  sender.attach(silent, true);
  sender.forget('theirs');
  sender.detach();
  sender.attach(silent, true);
  expect(said).toEqual(['mine', 'theirs', 'mine']);
});

test('a message that cannot be sent at all is refused, and the next ones go', async () => {
  const { sender, refused } = makeSender();
  sender.attach(
    connection(({ topic }, settled) => {
      if (topic === 'a') throw new RangeError('too long');
      settled();
    }),
    false,
  );
  sender.publish(state('a'));
  sender.publish(state('b'));
  expect(refused).toEqual(['a: it cannot be sent: RangeError: too long']);
  expect(sender.status).toEqual({ waiting: 0, dropped: 0, rejected: 1 });
  await sender.flushed();
});

test('flushed resolves when all that waited has expired', async () => {
  const { sender, clock } = makeSender();
  sender.publish({ ...state('a'), expiry_s: 1 });
  const flushed = sender.flushed();
  clock.now_ms = 2_000;
  sender.attach(
    connection(() => {}),
    false,
  );
  await flushed;
  expect(sender.status.dropped).toBe(1);
});
