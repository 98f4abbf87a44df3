import { expect, it } from 'vitest';
import { Hearing } from './hearing.ts';

it('is ready at once where nobody else is expected, and never while it does not listen', () => {
  const hearing = new Hearing();
  expect(hearing.ready_ms).toBe(Infinity);
  hearing.listening([], 1000);
  expect(hearing.ready_ms).toBe(1000);
  hearing.deaf();
  expect(hearing.ready_ms).toBe(Infinity);
});

it('is ready 10 s after the last of the others is first heard, also of those that were heard before it listened', () => {
  const hearing = new Hearing();
  expect(hearing.hears('b', 500)).toBe(true);
  hearing.listening(['b', 'c'], 1000);
  expect(hearing.ready_ms).toBe(46_000);
  expect([hearing.hears('c', 7000), hearing.hears('b', 9000)]).toEqual([true, false]);
  expect(hearing.ready_ms).toBe(17_000);
  hearing.hears('new', 20_000);
  expect(hearing.ready_ms).toBe(30_000);
});

it('waits 45 s for those who are not heard, and longer for what one keeps that is heard last', () => {
  const hearing = new Hearing();
  hearing.listening(['b', 'c'], 0);
  hearing.hears('b', 40_000);
  expect(hearing.ready_ms).toBe(50_000);
  hearing.deaf();
  hearing.listening(['b', 'c'], 60_000);
  expect(hearing.ready_ms).toBe(105_000);
});
