import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Timestamp, timestamp_ms } from './time.ts';

test('a moment is the same number of milliseconds as Date.parse says', () => {
  const written = fc
    .date({ min: new Date('0000-01-01T00:00:00.000Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    .map((date) => date.toISOString());
  fc.assert(fc.property(written, (text) => timestamp_ms(text) === Date.parse(text)));
});

test.each([
  '2024-02-29T23:59:59.999Z',
  '0099-12-31T23:59:59.999Z',
  '2026-11-23T08:15:00Z',
  '2026-11-23T08:15:00.2500Z',
  '2026-11-23T08:15:00.25Z',
  '2026-11-23T08:15:00.250125Z',
])('so it is however many digits the fraction of a second has: %s', (text) => {
  expect(Timestamp.safeParse(text).success).toBe(true);
  expect(timestamp_ms(text)).toBe(Date.parse(text));
});
