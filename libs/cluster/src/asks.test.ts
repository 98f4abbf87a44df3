import { expect, test } from 'vitest';
import { Asks } from './asks.ts';

test('what is missing is asked for after a moment, then less and less often, until it is there', () => {
  const asks = new Asks<string>();
  asks.need('one', true, 1_000);
  const asked: number[] = [];
  for (let now_ms = 1_000; now_ms < 9_000; now_ms += 10) {
    asks.need('one', true, now_ms);
    if (asks.due(now_ms).length > 0) asked.push(now_ms);
  }
  expect(asked).toEqual([1_250, 1_750, 2_750, 4_750, 6_750, 8_750]);
  expect(asks.nextDeadline_ms).toBe(10_750);
  asks.need('one', false, 9_000);
  expect(asks.due(20_000)).toEqual([]);
  expect(asks.nextDeadline_ms).toBe(Infinity);
});

test('what is there within a moment is not asked for', () => {
  const asks = new Asks<string>();
  asks.need('one', true, 0);
  asks.need('one', false, 200);
  expect(asks.due(300)).toEqual([]);
});
