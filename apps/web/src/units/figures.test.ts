import { expect, it } from 'vitest';
import { bitsPerSecond, bytes, count, counted, milliseconds, percent, perSecond } from './figures.ts';

const plain = (text: string): string => text.replaceAll('\u202f', ' ');

it.each([
  [milliseconds(0.3441), '0.34 ms'],
  [milliseconds(0.999), '1 ms'],
  [milliseconds(12.34), '12.3 ms'],
  [milliseconds(99.7), '100 ms'],
  [milliseconds(999.7), '1 s'],
  [milliseconds(1234), '1.2 s'],
  [milliseconds(null), '–'],
  [milliseconds(NaN), '–'],
  [percent(0), '0 %'],
  [percent(0.001), '< 0.01 %'],
  [percent(33.333), '33.3 %'],
  [percent(99.997), '99.99 %'],
  [percent(100), '100 %'],
  [bitsPerSecond(0), '0 bit/s'],
  [bitsPerSecond(999.6), '1 kbit/s'],
  [bitsPerSecond(61_800_000), '61.8 Mbit/s'],
  [bitsPerSecond(1e16), '10000 Tbit/s'],
  [bytes(1_070_000_000), '1.1 GB'],
  [perSecond(0.04), '0.04/s'],
  [perSecond(0.001), '< 0.01/s'],
  [perSecond(0), '0/s'],
  [count(12_345), '12 345'],
  [counted(1, 'device'), '1 device'],
  [counted(2, 'device'), '2 devices'],
])('%j reads well', (text, expected) => {
  expect(plain(text)).toBe(expected);
});
