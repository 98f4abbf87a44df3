import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hearKept } from './hear-kept.ts';

test('a broker that takes its time to answer is waited for while it says what it keeps', async () => {
  const told: string[] = [];
  let ended = 0;
  await hearKept(async (heard) => {
    // Its answer takes 300 ms, and what it keeps comes half a second after that.
    await pause(300);
    const say = (text: string): void => {
      told.push(text);
      heard();
    };
    setTimeout(() => say('one'), 500);
    setTimeout(() => say('two'), 1_000);
    return [async () => void (ended += 1)];
  });
  expect(told).toEqual(['one', 'two']);
  expect(ended).toBe(1);
});
