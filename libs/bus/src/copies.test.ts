import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Copies } from './copies.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const payload = fc.constantFrom('x', 'y').map((text) => Buffer.from(text));

test('of a broker that sends a copy for each subscription, one of each message counts', () => {
  fc.assert(
    fc.property(fc.array(payload), fc.integer({ min: 2, max: 4 }), (messages, matching) => {
      const copies = new Copies();
      const counted = messages.flatMap((message) =>
        Array.from({ length: matching }, (_, n) => n + 1).filter((id) => !copies.isCopy('t', message, [id], matching)),
      );
      expect(counted).toHaveLength(messages.length);
    }),
  );
});

test('of a broker that sends one copy, every message counts, with one identifier or all of them', () => {
  fc.assert(
    fc.property(fc.array(payload), fc.boolean(), (messages, all) => {
      const copies = new Copies();
      const counted = messages.filter((message) => !copies.isCopy('t', message, all ? [1, 2, 3] : [2], 3));
      expect(counted).toHaveLength(messages.length);
    }),
  );
});

test('without identifiers nothing is taken for a copy', () => {
  const copies = new Copies();
  expect([1, 2, 3].map(() => copies.isCopy('t', Buffer.from('x'), [], 2))).toEqual([false, false, false]);
});
