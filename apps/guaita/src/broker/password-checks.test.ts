import { expect, test } from 'vitest';
import { PasswordChecks, TooManyChecks } from './password-checks.ts';

const wrong = (): Promise<boolean> => Promise.resolve(false);
const right = (): Promise<boolean> => Promise.resolve(true);

function from(address: string, gone = false): { address: string; gone: () => boolean } {
  return { address, gone: () => gone };
}

test('who tries many passwords keeps nobody else waiting, and may have only so many open', async () => {
  // Of a pause that never ends nobody is held up but its own address.
  const checks = new PasswordChecks(2 ** 30);
  const tries = Array.from({ length: 60 }, () => checks.check(from('198.51.100.1'), wrong));
  const refused = tries.slice(32).map((each) => expect(each).rejects.toThrow(TooManyChecks));
  await Promise.all(refused);
  await expect(tries[0]).resolves.toBe(false);
  expect(await checks.check(from('198.51.100.2'), right)).toBe(true);
});

test('after a wrong password its address waits before the next one is looked at', async () => {
  const checks = new PasswordChecks(500);
  const started_ms = performance.now();
  expect(await checks.check(from('a'), wrong)).toBe(false);
  expect(await checks.check(from('a'), right)).toBe(true);
  expect(performance.now() - started_ms).toBeGreaterThan(400);
});

test('the password of who has hung up is not looked at', async () => {
  const checks = new PasswordChecks(2 ** 30);
  let looked = 0;
  const look = async (): Promise<boolean> => (looked += 1) > 0;
  expect(await checks.check(from('a', true), look)).toBe(false);
  expect(looked).toBe(0);
  expect(await checks.check(from('a'), look)).toBe(true);
});

test('one is checked at a time, and a check that fails stops nothing', async () => {
  const checks = new PasswordChecks(0);
  let open = 0;
  let most = 0;
  const verify = async (): Promise<boolean> => {
    most = Math.max(most, (open += 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    open -= 1;
    throw new Error('out of memory');
  };
  const all = ['a', 'b', 'b', 'c'].map((address) => checks.check(from(address), verify));
  for (const { status } of await Promise.allSettled(all)) expect(status).toBe('rejected');
  expect(most).toBe(1);
  expect(await checks.check(from('b'), right)).toBe(true);
});
