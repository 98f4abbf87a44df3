import { expect, test } from 'vitest';
import { hashPassword, isPasswordHash, verifyPassword } from './passwords.ts';
import { Users } from './users.ts';

const asker = { address: '127.0.0.1', gone: () => false };

test('a hash is of one password alone, shows nothing of it, and differs each time', { timeout: 30_000 }, async () => {
  const [hash, again] = [await hashPassword('pass-wörd'), await hashPassword('pass-wörd')];
  expect(hash).toMatch(/^scrypt\$/);
  expect(hash).not.toContain('pass');
  expect(again).not.toBe(hash);
  expect(isPasswordHash(hash)).toBe(true);
  expect(await verifyPassword('pass-wörd', hash)).toBe(true);
  expect(await verifyPassword('pass-word', hash)).toBe(false);
  expect(await verifyPassword('', 'scrypt$$')).toBe(false);
});

test('a user is known by name and password, again and again, and by nothing else', { timeout: 30_000 }, async () => {
  const users = new Users([
    { name: 'ada', passwordHash: await hashPassword('secret'), read: ['a/+', 'b/#'], write: ['a/1'] },
  ]);
  for (let n = 0; n < 2; n += 1) expect((await users.authenticate('ada', 'secret', asker))?.user).toBe('ada');
  expect(await users.authenticate('ada', 'Secret', asker)).toBeUndefined();
  expect(await users.authenticate('ada', '', asker)).toBeUndefined();
  expect(await users.authenticate('eve', 'secret', asker)).toBeUndefined();
  expect(await users.authenticate('eve', '', asker)).toBeUndefined();
  const rights = await users.authenticate('ada', 'secret', asker);
  expect(['a/1', 'a/+', 'b/#', 'b/x/y', 'a/#', '#', 'a/1/2'].map((filter) => rights?.maySubscribe(filter))).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(['a/2', 'b', 'b/c', 'c'].map((topic) => rights?.mayRead(topic))).toEqual([true, true, true, false]);
  expect(['a/1', 'a/2'].map((topic) => rights?.mayWrite(topic))).toEqual([true, false]);
});

test('a user with a token is known by it alone, at once', async () => {
  const token = 'A'.repeat(31) + 'z';
  const users = new Users([{ name: 'services', token, read: ['#'], write: ['#'] }]);
  expect((await users.authenticate('services', token, asker))?.user).toBe('services');
  for (const wrong of ['', token.slice(1), `${token}z`, token.toLowerCase()]) {
    expect(await users.authenticate('services', wrong, asker)).toBeUndefined();
  }
});

test(
  'with the key of the site each other monitor comes in, by its own name, to say its own and no more',
  { timeout: 60_000 },
  async () => {
    const key = 'k'.repeat(32);
    const users = new Users([], { key, base: 'guaita', self: 'pi-1' });
    const rights = await users.authenticate('pi-2', key, asker);
    expect(rights?.user).toBe('pi-2');
    const topics = ['monitor/pi-2/status', 'monitor/pi-1/status', 'monitor/pi-3/status', 'command/devices/remove'];
    expect(topics.map((topic) => rights?.mayWrite(`guaita/${topic}`))).toEqual([true, false, false, false]);
    expect(rights?.maySubscribe('guaita/#')).toBe(false);
    expect(rights?.mayRead('guaita/monitor/pi-2/status')).toBe(false);
    for (const name of ['pi-1', '+', '#', 'pi-2/#', ''])
      expect(await users.authenticate(name, key, asker)).toBeUndefined();
    expect(await users.authenticate('pi-2', `${key}k`, asker)).toBeUndefined();
    expect(await new Users([]).authenticate('pi-2', '', asker)).toBeUndefined();
    expect(['pi-2', 'pi-1', '#'].map((name) => users.has(name))).toEqual([true, false, false]);
  },
);
