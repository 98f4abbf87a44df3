import { expect, test, vi } from 'vitest';
import { Subscriptions, type Delivery } from './subscriptions.ts';

function retained(identifier: number): Delivery {
  return { message: { topic: 'a', payload: Buffer.from('x'), retain: true, qos: 1 }, identifiers: [identifier] };
}

test('retained messages for a handler that has gone reach nobody, and who has gone is not remembered for ever', () => {
  const subscriptions = new Subscriptions();
  const stays = { handler: vi.fn() };
  subscriptions.add('a', 1, stays);
  const first = subscriptions.identify([stays]);
  const gone: number[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    const goes = { handler: vi.fn() };
    subscriptions.add('a', 1, goes);
    gone.push(subscriptions.identify([goes]));
    subscriptions.remove('a', goes);
  }
  expect(subscriptions.route(retained(first))).toEqual([stays.handler]);
  expect(subscriptions.route(retained(gone.at(-1) ?? 0))).toEqual([]);
  // Forgotten, so like one that was never given out.
  expect(subscriptions.route(retained(gone[0] ?? 0))).toEqual([stays.handler]);
});
