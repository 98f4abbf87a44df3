import { expect, it } from 'vitest';
import { FailedLogins } from './failed-logins.ts';

it('lets ten wrong tokens a minute come from an address, and says how long the next has to wait', () => {
  let now_ms = 0;
  const failed = new FailedLogins(() => now_ms);
  expect(Array.from({ length: 10 }, () => failed.note('a'))).toEqual(new Array(10).fill(0));
  now_ms = 20_000;
  expect(failed.note('a')).toBe(40);
  expect(failed.note('b')).toBe(0);
  now_ms = 60_000;
  expect(failed.note('a')).toBe(0);
});

it('remembers no more addresses than a thousand', () => {
  const failed = new FailedLogins(() => 0);
  for (let time = 0; time < 11; time += 1) failed.note('first');
  for (let address = 0; address < 1_000; address += 1) failed.note(`${address}`);
  expect(failed.note('first')).toBe(0);
});
