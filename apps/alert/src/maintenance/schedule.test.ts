import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecurrenceError, Schedule } from './schedule.ts';

const HOUR_ms = 3_600_000;
const MADRID = 'Europe/Madrid';

const at = (text: string): number => Date.parse(text);
const text = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

/** The windows that are open at some moment of a time, each with its end: looked for minute by minute. */
function windows(schedule: Schedule, from: string, to: string): (readonly [string, string | undefined])[] {
  const found: (readonly [string, string | undefined])[] = [];
  let before: number | undefined;
  for (let ms = at(from); ms < at(to); ms += 60_000) {
    const until_ms = schedule.until_ms(ms);
    if (until_ms !== undefined && until_ms !== before) found.push([new Date(ms).toISOString(), text(until_ms)]);
    before = until_ms;
  }
  return found;
}

describe('a window', () => {
  test('is open from its first moment until right before its end', () => {
    const schedule = new Schedule({ cron: '0 3 * * *', timezone: 'UTC' }, 2 * HOUR_ms);
    const open = (moment: string): boolean => schedule.until_ms(at(moment)) !== undefined;
    expect(
      ['02:59:59.999', '03:00:00.000', '04:59:59.999', '05:00:00.000'].map((t) => open(`2026-03-01T${t}Z`)),
    ).toEqual([false, true, true, false]);
    expect(text(schedule.until_ms(at('2026-03-01T04:00:00Z')))).toBe('2026-03-01T05:00:00.000Z');
    expect(text(schedule.next_ms(at('2026-03-01T03:00:00Z')))).toBe('2026-03-02T03:00:00.000Z');
  });

  test('crosses midnight, and the end of a year', () => {
    const schedule = new Schedule({ cron: '30 23 31 12 *', timezone: 'UTC' }, HOUR_ms);
    expect(windows(schedule, '2026-12-31T20:00:00Z', '2027-01-01T04:00:00Z')).toEqual([
      ['2026-12-31T23:30:00.000Z', '2027-01-01T00:30:00.000Z'],
    ]);
  });

  test('begins by the clock of its place, in winter and in summer', () => {
    const schedule = new Schedule({ cron: '0 3 * * *', timezone: MADRID }, HOUR_ms);
    expect(text(schedule.next_ms(at('2026-01-10T12:00:00Z')))).toBe('2026-01-11T02:00:00.000Z');
    expect(text(schedule.next_ms(at('2026-07-10T12:00:00Z')))).toBe('2026-07-11T01:00:00.000Z');
  });

  test('lasts as long as it says when clocks are put forward or back meanwhile', () => {
    const schedule = new Schedule({ cron: '0 1 * * *', timezone: MADRID }, 4 * HOUR_ms);
    expect(windows(schedule, '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z')).toEqual([
      ['2026-03-29T00:00:00.000Z', '2026-03-29T04:00:00.000Z'],
    ]);
    expect(windows(schedule, '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z')).toEqual([
      ['2026-10-24T23:00:00.000Z', '2026-10-25T03:00:00.000Z'],
    ]);
  });

  test('begins with the first moment after an hour that is skipped, and once in one that comes twice', () => {
    const schedule = new Schedule({ cron: '30 2 * * *', timezone: MADRID }, HOUR_ms / 2);
    expect(windows(schedule, '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z')).toEqual([
      ['2026-03-29T01:00:00.000Z', '2026-03-29T01:30:00.000Z'],
    ]);
    expect(windows(schedule, '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z')).toEqual([
      ['2026-10-25T00:30:00.000Z', '2026-10-25T01:00:00.000Z'],
    ]);
  });

  test('goes on without a break where the next begins before its end, and its end is that of the last', () => {
    const schedule = new Schedule({ cron: '0,30 3-4 * * *', timezone: 'UTC' }, HOUR_ms);
    expect(windows(schedule, '2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z')).toEqual([
      ['2026-03-01T03:00:00.000Z', '2026-03-01T05:30:00.000Z'],
    ]);
  });

  test('that never ends is refused', () => {
    expect(() => new Schedule({ cron: '* * * * *', timezone: 'UTC' }, HOUR_ms)).toThrow(
      '"* * * * *" in "UTC" comes again before it ends, and again; give a shorter duration, or a rarer time',
    );
  });

  test('that never comes is refused', () => {
    expect(() => new Schedule({ cron: '0 3 30 2 *', timezone: 'UTC' }, HOUR_ms)).toThrow(
      '"0 3 30 2 *" in "UTC" never comes, as there is no such day; give one like "0 3 * * sun"',
    );
  });
});

test.each([
  ['a field too few', '0 3 * *', 'UTC'],
  ['a field too many', '0 0 3 * * *', 'UTC'],
  ['no hour', '0 25 * * *', 'UTC'],
  ['a date', '2026-03-01T12:00:00', 'UTC'],
  ['nothing', '', 'UTC'],
  ['a place that is none', '0 3 * * *', 'Mars/Olympus'],
])('%s is no recurrence, and the error says how one looks', (_, cron, timezone) => {
  const make = (): unknown => new Schedule({ cron, timezone }, 1);
  expect(make).toThrow(RecurrenceError);
  expect(make).toThrow('; give one like "0 3 * * sun" in "Europe/Madrid"');
});

/** Plainly: some run of the last `duration` was at a minute that the fields name, by the clock of the place. */
test('whatever the fields, the length and the moment: open is what the clock of the place says', () => {
  const fields = fc.record({
    minutes: fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 2 }),
    // Not the hours that clocks skip or have twice.
    hours: fc.uniqueArray(fc.integer({ min: 4, max: 23 }), { minLength: 1, maxLength: 3 }),
    weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 }),
  });
  const clock = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: MADRID, hourCycle: 'h23', weekday: 'short', hour: '2-digit', minute: '2-digit' },
  });
  const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  fc.assert(
    fc.property(
      fields,
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: at('2026-03-27T00:00:00Z'), max: at('2026-04-02T00:00:00Z') }),
      ({ minutes, hours, weekdays }, duration_min, moment_ms) => {
        const cron = `${minutes.join()} ${hours.join()} * * ${weekdays.join()}`;
        const schedule = new Schedule({ cron, timezone: MADRID }, duration_min * 60_000);
        let isOpen = false;
        for (let run_ms = Math.floor(moment_ms / 60_000) * 60_000; run_ms > moment_ms - duration_min * 60_000;) {
          const part = Object.fromEntries(clock.formatToParts(run_ms).map(({ type, value }) => [type, value]));
          isOpen ||=
            minutes.includes(Number(part['minute'])) &&
            hours.includes(Number(part['hour'])) &&
            weekdays.includes(WEEKDAYS.indexOf(part['weekday'] ?? ''));
          run_ms -= 60_000;
        }
        expect(schedule.until_ms(moment_ms) !== undefined).toBe(isOpen);
      },
    ),
    { numRuns: 200 },
  );
}, 60_000);
