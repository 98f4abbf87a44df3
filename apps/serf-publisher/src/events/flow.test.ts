import { expect, it } from 'vitest';
import { Flow } from './flow.ts';

it('lets a hundred through at once, and ten a second after that', () => {
  const flow = new Flow();
  const through = (count: number, now_ms: number): number =>
    Array.from({ length: count }, () => flow.lets(now_ms)).filter(Boolean).length;
  expect(through(1_000, 0)).toBe(100);
  expect(through(1_000, 1_000)).toBe(10);
  expect(through(1_000, 1_050)).toBe(0);
  expect(through(1_000, 1_100)).toBe(1);
  expect(through(1_000, 3_600_000)).toBe(100);
});
