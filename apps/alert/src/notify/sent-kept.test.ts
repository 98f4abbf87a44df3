import { channels } from '@guaita/messages';
import { expect, test } from 'vitest';
import { SENT_KEPT_ms, sentKeptFor_ms } from './sent-kept.ts';

test('what was sent is kept for as long as its channel says', () => {
  expect(channels.sent.definition.expiry).toEqual({ after_s: SENT_KEPT_ms / 1000 });
});

test.each([
  [86_400, 1],
  [86_399, 1_000],
  [0, SENT_KEPT_ms],
  [undefined, SENT_KEPT_ms],
])('with %s s left it has been kept for %s ms', (left_s, kept_ms) => {
  expect(sentKeptFor_ms(left_s)).toBe(kept_ms);
});
