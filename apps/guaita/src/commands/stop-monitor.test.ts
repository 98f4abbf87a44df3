import { STOP_MS } from '@guaita/service';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stopMonitor } from './stop-monitor.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('stops the broker within the time of a stop though everything else hangs', async () => {
  const hangs = { stop: () => new Promise(() => undefined) };
  const stops: string[] = [];
  const broker = { stop: async () => void stops.push('broker') };
  const stopped = stopMonitor([hangs, hangs, hangs], broker).catch((error: Error) => error.message);
  await vi.advanceTimersByTimeAsync(STOP_MS - 1_000);
  expect(stops).toEqual(['broker']);
  expect(await stopped).toBe('the services and the live view did not end within 8 s');
});

it('stops the broker last, after the last words of the others', async () => {
  const stops: string[] = [];
  const part = (name: string, after_ms: number): { stop(): Promise<void> } => ({
    stop: async () => {
      await new Promise((resolve) => setTimeout(resolve, after_ms));
      stops.push(name);
    },
  });
  const stopped = stopMonitor([part('slow', 3_000), part('quick', 10)], part('broker', 0));
  await vi.advanceTimersByTimeAsync(3_100);
  await stopped;
  expect(stops).toEqual(['quick', 'slow', 'broker']);
});
