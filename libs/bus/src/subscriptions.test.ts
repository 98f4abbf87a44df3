import { expect, test, vi } from 'vitest';
import { Subscriptions, type Delivery } from './subscriptions.ts';

const ALWAYS = { qos: 1, retained: 'always' } as const;

function retained(identifier: number): Delivery {
  return { message: { topic: 'a', payload: Buffer.from('x'), retain: true, qos: 1 }, identifiers: [identifier] };
}

test('retained messages for a handler that has gone reach nobody, and who has gone is not remembered for ever', () => {
  const subscriptions = new Subscriptions();
  const stays = { handler: vi.fn() };
  subscriptions.add('a', ALWAYS, stays);
  const first = subscriptions.identify([stays]);
  const gone: number[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    const goes = { handler: vi.fn() };
    subscriptions.add('a', ALWAYS, goes);
    gone.push(subscriptions.identify([goes]));
    subscriptions.remove('a', goes);
  }
  expect(subscriptions.route(retained(first))).toEqual([stays.handler]);
  expect(subscriptions.route(retained(gone.at(-1) ?? 0))).toEqual([]);
  // Forgotten, so like one that was never given out.
  expect(subscriptions.route(retained(gone[0] ?? 0))).toEqual([stays.handler]);
});

test('a retained message kept for an earlier process, whose identifier is another filter’s now, reaches who wants it', () => {
  const subscriptions = new Subscriptions();
  const wants = { handler: vi.fn() };
  const other = { handler: vi.fn() };
  subscriptions.add('b', ALWAYS, other);
  const taken = subscriptions.identify([other]);
  subscriptions.add('a', ALWAYS, wants);
  subscriptions.identify([wants]);
  expect(subscriptions.route(retained(taken))).toEqual([wants.handler]);
});

test('of those who share a filter, one who always wants what is retained decides for all', () => {
  const subscriptions = new Subscriptions();
  const asked = (): unknown => [...subscriptions.all()].map((subscription) => subscription.asked);
  subscriptions.add('a', { qos: 0, retained: 'if-new' }, { handler: vi.fn() });
  expect(asked()).toEqual([{ qos: 0, retained: 'if-new' }]);
  subscriptions.add('a', { qos: 1, retained: 'if-new' }, { handler: vi.fn() });
  expect(asked()).toEqual([{ qos: 1, retained: 'if-new' }]);
  subscriptions.add('a', { qos: 0, retained: 'always' }, { handler: vi.fn() });
  expect(asked()).toEqual([{ qos: 1, retained: 'always' }]);
});
