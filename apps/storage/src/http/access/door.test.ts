import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { Door } from './door.ts';

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.168.1.9', false],
  ['::ffff:192.168.1.9', false],
  ['fe80::1', false],
  [undefined, false],
])('while there are no tokens, who comes from %s is let in: %s', (remoteAddress, isLetIn) => {
  const door = new Door({ tokens: {}, names: [], cookie: 'guaita-pi-1', monotonic_ms: () => 0 });
  const request = { socket: { remoteAddress }, headers: {} } as IncomingMessage;
  if (isLetIn) expect(door.visitor(request)).toEqual({ name: 'local', role: 'operator' });
  else expect(() => door.visitor(request)).toThrow('make one with "guaita token"');
});

test.each([
  ['guaita-pi-1=', undefined],
  ['guaita-pi-1', undefined],
  ['guaita-pi-10=guaita_x', undefined],
  ['xguaita-pi-1=guaita_x', undefined],
  ['a=b; guaita-pi-1=guaita_x; guaita-pi-1=guaita_y', 'guaita_x'],
  [';;;=;guaita-pi-1=guaita_x=', 'guaita_x='],
])('of the cookies %j the one that is ours is looked at: %s', (cookie, token) => {
  const looked: string[] = [];
  const door = new Door({
    ...{ tokens: { ada: { role: 'viewer', sha256: '0'.repeat(64) } }, names: [], cookie: 'guaita-pi-1' },
    monotonic_ms: () => 0,
  });
  door.login = (given) => {
    looked.push(given);
    return { name: 'ada', role: 'viewer' };
  };
  const request = { socket: {}, headers: { cookie } } as IncomingMessage;
  if (token === undefined) expect(() => door.visitor(request)).toThrow('who asks?');
  else expect(door.visitor(request).name).toBe('ada');
  expect(looked).toEqual(token === undefined ? [] : [token]);
});
