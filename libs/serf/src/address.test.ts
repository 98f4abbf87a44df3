import { expect, test } from 'vitest';
import { parseAddress, showAddress } from './address.ts';

test.each([
  ['db.example:1234', { host: 'db.example', port: 1234 }],
  [' db:1234 ', { host: 'db', port: 1234 }],
  ['10.0.0.1', { host: '10.0.0.1', port: 7373 }],
  ['[2001:db8::1]:99', { host: '2001:db8::1', port: 99 }],
  ['[::1]', { host: '::1', port: 7373 }],
])('%s is an address', (given, address) => {
  expect(parseAddress(given)).toEqual(address);
  expect(parseAddress(showAddress(address))).toEqual(address);
});

test.each(['', ':7373', 'db:', 'db:0', 'db:65536', '2001:db8::1', 'a b:1', 'db:x', '[::1', 'tcp://db:1'])(
  '"%s" is none',
  (given) => {
    expect(() => parseAddress(given)).toThrow(TypeError);
  },
);
