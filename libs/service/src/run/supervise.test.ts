import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EXIT, runUntilStopped, STOP_MS, type Stoppable } from './supervise.ts';

let host: EventEmitter & { exit(code: number): void };
let logged: string[];
const log = pino(
  { base: null },
  { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) },
);

beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
  host = Object.assign(new EventEmitter(), { exit: vi.fn() });
});
afterEach(() => void vi.useRealTimers());

function run(start: (signal: AbortSignal) => Promise<Stoppable>): { readonly codes: number[] } {
  const codes: number[] = [];
  void runUntilStopped(start, log, host).then((code) => codes.push(code));
  return { codes };
}

test('a start that hears the signal and gives up ends with 0', async () => {
  const { codes } = run((signal) => {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  });
  host.emit('SIGTERM', 'SIGTERM');
  await vi.advanceTimersByTimeAsync(0);
  expect(codes).toEqual([EXIT.ok]);
});

test('a start that does not hear the signal is given no longer than a stop is', async () => {
  const { codes } = run(() => new Promise(() => undefined));
  host.emit('SIGTERM', 'SIGTERM');
  await vi.advanceTimersByTimeAsync(STOP_MS - 1);
  expect(codes).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(codes).toEqual([EXIT.failure]);
  expect(logged).toContain('the start, which was given up, did not end within 10 s');
});

test('a stop that hangs is given up, and leaves no listener behind', async () => {
  const { codes } = run(() => Promise.resolve({ stop: () => new Promise(() => undefined) }));
  await vi.advanceTimersByTimeAsync(0);
  host.emit('SIGINT', 'SIGINT');
  await vi.advanceTimersByTimeAsync(STOP_MS);
  expect(codes).toEqual([EXIT.failure]);
  expect(logged).toContain('the graceful stop did not end within 10 s');
  expect(host.eventNames()).toEqual([]);
});

test('what is done is stopped without a signal', async () => {
  const stop = vi.fn(() => Promise.resolve());
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const { codes } = run(() => Promise.resolve({ done, stop }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stop).not.toHaveBeenCalled();
  finish();
  await vi.advanceTimersByTimeAsync(0);
  expect(stop).toHaveBeenCalledOnce();
  expect(codes).toEqual([EXIT.ok]);
});
