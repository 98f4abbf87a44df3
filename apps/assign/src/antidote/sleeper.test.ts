import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Sleeper } from './sleeper.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function sleeping(dueAt_ms: () => number) {
  const sleeper = new Sleeper();
  const stop = new AbortController();
  const state = { awake: false };
  void sleeper.sleep(dueAt_ms, stop.signal).then(() => (state.awake = true));
  return { sleeper, stop, state };
}

test('sleeps until something is due, and no shorter than what is said together takes', async () => {
  const start_ms = performance.now();
  const { state } = sleeping(() => start_ms + 1000);
  await vi.advanceTimersByTimeAsync(999);
  expect(state.awake).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(state.awake).toBe(true);
  const hasty = sleeping(() => -Infinity).state;
  await vi.advanceTimersByTimeAsync(49);
  expect(hasty.awake).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(hasty.awake).toBe(true);
});

test('is woken earlier when something comes to be due, even by one who wakes it without a pause', async () => {
  let due_ms = performance.now() + 10_000;
  const { sleeper, state } = sleeping(() => due_ms);
  due_ms = -Infinity;
  for (let ms = 0; ms < 50; ms += 10) {
    expect(state.awake).toBe(false);
    sleeper.wake();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(state.awake).toBe(true);
});

test('ends when it is told to stop', async () => {
  const { stop, state } = sleeping(() => performance.now() + 60_000);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(state.awake).toBe(true);
});
