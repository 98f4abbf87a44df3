import { expect, it } from 'vitest';
import { readMoment } from './moment.ts';

it.each([
  ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z'],
  ['2026-03-01 12:00Z', '2026-03-01T12:00:00Z'],
  ['2026-03-01T12:00+02:00', '2026-03-01T10:00:00Z'],
  ['2028-02-29 23:59:59-05:00', '2028-03-01T04:59:59Z'],
])('%s is a moment', (text, utc) => {
  expect(readMoment(text)).toBe(Date.parse(utc));
});

it('without a zone it is by the clock of this host', () => {
  expect(readMoment('2026-03-01 12:00')).toBe(new Date(2026, 2, 1, 12).getTime());
  expect(readMoment('2026-03-01')).toBe(new Date(2026, 2, 1).getTime());
});

it.each([
  ...['', '5', '-1', 'foo 1', 'next 2027', '12:00', 'Dec 1 2026 (x)', '2026-12-01 12:00 PM junk', '2026-12-01 12'],
  ...['2026-02-31 12:00', '2026-02-29T12:00:00Z', '2026-13-01', '2026-00-01', '2026-12-01 25:00', '2026-12-01 24:00'],
  ...['2026-12-01 12:60', '2026-12-01 12:00:60', '2026-12-01 12:00+99:99', '0000-00-00', '2026-12-01 12:00\n'],
])('%j is none', (text) => {
  expect(readMoment(text)).toBeUndefined();
});
