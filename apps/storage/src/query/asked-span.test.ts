import { describe, expect, it } from 'vitest';
import { DAY_ms } from '../day.ts';
import { askedSpan, QuestionError } from './asked-span.ts';

const now_ms = Date.UTC(2026, 10, 23, 12);
const noon = '2026-11-20T12:00:00Z';
const noon_ms = Date.parse(noon);

describe('the span that is asked about', () => {
  it.each([
    [{}, now_ms - DAY_ms, now_ms],
    [{ to: noon }, noon_ms - DAY_ms, noon_ms],
    [{ from: noon }, noon_ms, now_ms],
    [{ from: '2026-11-20T12:00:00+02:00', to: noon }, noon_ms - 2 * 3_600_000, noon_ms],
  ])('of %j is up to now and a day long, but for what it tells', (asked, from_ms, to_ms) => {
    expect(askedSpan(asked, now_ms)).toEqual({ from_ms, to_ms });
  });

  it.each([
    [
      { from: noon, to: noon },
      'the span is reversed or empty: from 2026-11-20T12:00:00.000Z is not before to 2026-11-20T12:00:00.000Z; exchange them',
    ],
    [
      { from: '2026-11-24T00:00:00Z' },
      'the span is reversed or empty: from 2026-11-24T00:00:00.000Z is not before to 2026-11-23T12:00:00.000Z; exchange them',
    ],
    [{ from: '1970-01-01T00:00:00Z' }, 'the span is of more than 4026 days; give a shorter one'],
  ])('is refused of %j', (asked, message) => {
    expect(() => askedSpan(asked, now_ms)).toThrow(new QuestionError(message));
  });
});
