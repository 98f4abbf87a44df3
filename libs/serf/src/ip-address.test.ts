import { expect, test } from 'vitest';
import { ProtocolError } from './errors.ts';
import { addressText } from './ip-address.ts';

test.each([
  ['', ''],
  ['0a000001', '10.0.0.1'],
  ['00000000000000000000ffff0a000001', '10.0.0.1'],
  ['00000000000000000000000000000001', '::1'],
  ['20010db8000000000000000000000001', '2001:db8::1'],
  ['20010db8000100000000000100000001', '2001:db8:1::1:0:1'],
  ['fe800000000000000000fffe0a000001', 'fe80::fffe:a00:1'],
])('the bytes %s are the address “%s”', (hex, text) => {
  expect(addressText(Buffer.from(hex, 'hex'))).toBe(text);
});

test.each([1, 3, 5, 15, 17])('%i bytes are no address', (length) => {
  expect(() => addressText(new Uint8Array(length))).toThrow(ProtocolError);
});
