import { describe, expect, test } from 'vitest';
import { ManualClock, pause, systemClock } from './clock.ts';

describe('a manual clock', () => {
  test('stands still until it is advanced', async () => {
    const clock = new ManualClock(1_000);
    expect([clock.now_ms(), clock.monotonic_ms()]).toEqual([1_000, 0]);
    await clock.advance(250);
    expect([clock.now_ms(), clock.monotonic_ms()]).toEqual([1_250, 250]);
  });

  test('fires timers in the order they are due, each at its own time', async () => {
    const clock = new ManualClock();
    const fired: [string, number][] = [];
    const note = (name: string) => () => void fired.push([name, clock.monotonic_ms()]);
    clock.after(200, note('b'));
    clock.after(100, note('a'));
    clock.after(200, note('c'));
    clock.after(301, note('late'));
    await clock.advance(300);
    expect(fired).toEqual([
      ['a', 100],
      ['b', 200],
      ['c', 200],
    ]);
    expect(clock.monotonic_ms()).toBe(300);
  });

  test('fires timers that timers and promises set, in the same advance', async () => {
    const clock = new ManualClock();
    const fired: number[] = [];
    const again = async (): Promise<void> => {
      await Promise.resolve();
      fired.push(clock.monotonic_ms());
      clock.after(10, () => void again());
    };
    clock.after(10, () => void again());
    await clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
  });

  test('does not fire what was cancelled, also by another timer', async () => {
    const clock = new ManualClock();
    let fired = 0;
    const second = clock.after(20, () => (fired += 1));
    clock.after(10, () => second.cancel());
    clock.after(5, () => (fired += 1)).cancel();
    await clock.advance(100);
    expect(fired).toBe(0);
    second.cancel();
  });

  test('takes a delay below zero for now', async () => {
    const clock = new ManualClock();
    let fired = false;
    clock.after(-5, () => (fired = true));
    await clock.advance(0);
    expect(fired).toBe(true);
  });
});

test('the system clock calls back once, and not when cancelled', async () => {
  const before_ms = systemClock.monotonic_ms();
  let cancelled = true;
  systemClock.after(1, () => (cancelled = false)).cancel();
  // The timer holds no process open by itself; this one does until it has fired.
  const open = setInterval(() => undefined, 1_000);
  await new Promise<void>((resolve) => systemClock.after(20, resolve));
  clearInterval(open);
  expect(cancelled).toBe(true);
  expect(systemClock.monotonic_ms()).toBeGreaterThan(before_ms);
});

describe('a pause', () => {
  const isOver = async (clock: ManualClock, paused: Promise<void>, by_ms: number): Promise<boolean> => {
    let over = false;
    void paused.then(() => (over = true));
    await clock.advance(by_ms);
    return over;
  };

  test('lasts as long as it should', async () => {
    const clock = new ManualClock();
    const paused = pause(clock, 100, new AbortController().signal);
    expect(await isOver(clock, paused, 99)).toBe(false);
    expect(await isOver(clock, paused, 1)).toBe(true);
  });

  test('is over once the signal is aborted, or at once where it was before', async () => {
    const clock = new ManualClock();
    const stopping = new AbortController();
    const paused = pause(clock, 100, stopping.signal);
    stopping.abort();
    expect(await isOver(clock, paused, 0)).toBe(true);
    expect(await isOver(clock, pause(clock, 100, stopping.signal), 0)).toBe(true);
  });
});
