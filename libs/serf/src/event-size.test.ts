import { expect, test } from 'vitest';
import { eventRoom_bytes, gossipedEvent_bytes } from './event-size.ts';

test.each<[string, string, number, number, number]>([
  ['a short one', 'deploy', 2, 1, 1 + 1 + 6 + 1 + 5 + 7 + 8 + 3 + 3 + 1],
  ['letters are counted in UTF-8', 'ö', 0, 1, 1 + 1 + 6 + 1 + 5 + 3 + 8 + 1 + 3 + 1],
  ['a long payload has a longer header', 'deploy', 32, 1, 1 + 1 + 6 + 1 + 5 + 7 + 8 + 35 + 3 + 1],
  ['a long name, too', 'x'.repeat(32), 2, 1, 1 + 1 + 6 + 1 + 5 + 35 + 8 + 3 + 3 + 1],
  ['a late time takes more', 'deploy', 2, 70_000, 1 + 1 + 6 + 5 + 5 + 7 + 8 + 3 + 3 + 1],
])('bytes of an event as it is gossiped: %s', (_, name, payload_bytes, time, bytes) => {
  expect(gossipedEvent_bytes(name, payload_bytes, time)).toBe(bytes);
});

test.each([
  ['deploy', 512],
  ['x'.repeat(40), 512],
  ['é', 300],
])('what there is room for beside %s fits into %i bytes at any time', (name, limit_bytes) => {
  const room_bytes = eventRoom_bytes(name, limit_bytes);
  expect(gossipedEvent_bytes(name, room_bytes, 2 ** 63)).toBe(limit_bytes);
});

test('there may be no room at all', () => {
  expect(eventRoom_bytes('x'.repeat(500))).toBeLessThanOrEqual(0);
});
