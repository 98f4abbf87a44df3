import { describe, expect, it } from 'vitest';
import { goingOn, NoCalendarError, ZoneError } from './calendar.ts';

/** As calendars export it: Madrid is two hours ahead of UTC until the last Sunday of October (the 25th), then one. */
const MADRID = [
  ...['BEGIN:VTIMEZONE', 'TZID:Our Madrid', 'BEGIN:DAYLIGHT', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200'],
  ...['DTSTART:19700329T020000', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU', 'END:DAYLIGHT', 'BEGIN:STANDARD'],
  ...['TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'DTSTART:19701025T030000', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU'],
  ...['END:STANDARD', 'END:VTIMEZONE'],
];
const ASKED = { ahead_ms: 0, zone: 'Europe/Madrid' };
const MINUTE_ms = 60_000;

function event(...lines: readonly string[]): string[] {
  return ['BEGIN:VEVENT', ...(lines.some((line) => line.startsWith('UID:')) ? [] : ['UID:a']), ...lines, 'END:VEVENT'];
}

function calendar(...lines: readonly (readonly string[])[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...MADRID, ...lines.flat(), 'END:VCALENDAR'].join('\r\n');
}

/** Whether something is going on, by these events, at each of these times. */
function isOn(text: string, ...times: readonly string[]): boolean[] {
  return times.map((time) => goingOn(text, Date.parse(time), ASKED).occurrences.length > 0);
}

/** Tuesdays from 22 to 23:30 by the clock of Madrid. */
const TUESDAYS = ['DTSTART;TZID=Our Madrid:20261006T220000', 'DTEND;TZID=Our Madrid:20261006T233000'];
const WEEKLY = 'RRULE:FREQ=WEEKLY;BYDAY=TU';

describe.each([
  ['is described in the calendar', 'Our Madrid'],
  ['is only named', 'Europe/Madrid'],
])('a weekly event whose zone %s', (_, zone) => {
  const lines = TUESDAYS.map((line) => line.replace('Our Madrid', zone));
  const each = calendar(event(...lines, WEEKLY));

  it('is at the same time of the clock in summer and in winter', () => {
    const summer = isOn(
      each,
      '2026-10-20T19:59:59Z',
      '2026-10-20T20:00:00Z',
      '2026-10-20T21:29:59Z',
      '2026-10-20T21:30Z',
    );
    const winter = isOn(
      each,
      '2026-10-27T20:59:59Z',
      '2026-10-27T21:00:00Z',
      '2026-10-27T22:29:59Z',
      '2026-10-27T22:30Z',
    );
    expect([summer, winter]).toEqual(Array(2).fill([false, true, true, false]));
    expect(goingOn(each, Date.parse('2026-10-27T21:30Z'), ASKED).occurrences).toMatchObject([
      { uid: 'a', begin: '2026-10-27T21:00:00.000Z', end: '2026-10-27T22:30:00.000Z' },
    ]);
  });

  it('ends with UNTIL, in UTC, by its day, or after COUNT', () => {
    const weeks = ['2026-10-20T20:30Z', '2026-10-27T21:30Z', '2026-11-03T21:30Z'];
    for (const end of ['UNTIL=20261027T210000Z', 'UNTIL=20261027T225959Z', 'UNTIL=20261027', 'COUNT=4']) {
      expect([end, isOn(calendar(event(...lines, `${WEEKLY};${end}`)), ...weeks)]).toEqual([end, [true, true, false]]);
    }
  });

  it('is not when it was taken out, and is when it was moved to', () => {
    const moved = event(
      ...['RECURRENCE-ID;TZID=Our Madrid:20261103T220000', 'SUMMARY:moved'],
      ...['DTSTART;TZID=Our Madrid:20261101T080000', 'DTEND;TZID=Our Madrid:20261101T090000'],
    );
    const cancelled = event(
      ...['RECURRENCE-ID;TZID=Our Madrid:20261110T220000', 'STATUS:CANCELLED'],
      ...['DTSTART;TZID=Our Madrid:20261110T220000', 'DTEND;TZID=Our Madrid:20261110T233000'],
    );
    const other = event(
      'UID:b',
      'RECURRENCE-ID:20261020T200000Z',
      'DTSTART:20300101T000000Z',
      'DTEND:20300101T010000Z',
    );
    const text = calendar(event(...lines, WEEKLY, `EXDATE;TZID=${zone}:20261027T220000`), ...[moved, cancelled, other]);
    expect(isOn(text, '2026-10-20T20:30Z', '2026-10-27T21:30Z')).toEqual([true, false]);
    expect(isOn(text, '2026-11-01T07:30Z', '2026-11-03T21:30Z')).toEqual([true, false]);
    expect(isOn(text, '2026-11-10T21:30Z', '2026-11-17T21:30Z')).toEqual([false, true]);
    expect(goingOn(text, Date.parse('2026-11-01T07:30Z'), ASKED).occurrences).toMatchObject([{ title: 'moved' }]);
  });
});

it('“this and all that follow” is moved', () => {
  const later = event(
    ...['RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Our Madrid:20261103T220000'],
    ...['DTSTART;TZID=Our Madrid:20261102T220000', 'DTEND;TZID=Our Madrid:20261102T233000'],
  );
  const text = calendar(event(...TUESDAYS, WEEKLY), later);
  expect(isOn(text, '2026-10-27T21:30Z', '2026-11-02T21:30Z', '2026-11-03T21:30Z')).toEqual([true, true, false]);
  expect(isOn(text, '2026-11-09T21:30Z', '2026-11-10T21:30Z')).toEqual([true, false]);
});

it('over midnight, over the change of the clocks, it lasts as long as the clock says', () => {
  const nights = ['DTSTART;TZID=Europe/Madrid:20261003T220000', 'DTEND;TZID=Europe/Madrid:20261004T060000'];
  const text = calendar(event(...nights, 'RRULE:FREQ=WEEKLY'));
  expect(isOn(text, '2026-10-24T20:00Z', '2026-10-25T04:59Z', '2026-10-25T05:00Z')).toEqual([true, true, false]);
});

it('a time that the clock skips counts from before; of two alike it is the first', () => {
  const spring = ['DTSTART;TZID=Europe/Madrid:20260329T023000', 'DTEND;TZID=Europe/Madrid:20260329T040000'];
  const autumn = ['DTSTART;TZID=Europe/Madrid:20261025T023000', 'DTEND;TZID=Europe/Madrid:20261025T040000'];
  const begin = (lines: readonly string[], at: string): unknown =>
    goingOn(calendar(event(...lines)), Date.parse(at), ASKED).occurrences[0]?.begin;
  expect(begin(spring, '2026-03-29T01:45Z')).toBe('2026-03-29T01:30:00.000Z');
  expect(begin(autumn, '2026-10-25T02:00Z')).toBe('2026-10-25T00:30:00.000Z');
});

describe('a day without a time', () => {
  const day = event('DTSTART;VALUE=DATE:20261025', 'DTEND;VALUE=DATE:20261026');

  it('is one of the zone asked for, 25 hours long when the clocks are put back', () => {
    expect(isOn(calendar(day), '2026-10-24T21:59Z', '2026-10-24T22:00Z')).toEqual([false, true]);
    expect(isOn(calendar(day), '2026-10-25T22:59Z', '2026-10-25T23:00Z')).toEqual([true, false]);
  });

  it('is one of the zone that the calendar names', () => {
    const text = calendar(['X-WR-TIMEZONE:Asia/Tokyo'], day);
    expect(isOn(text, '2026-10-24T14:59Z', '2026-10-24T15:00Z', '2026-10-25T15:00Z')).toEqual([false, true, false]);
  });

  it('may lack its end, and be repeated', () => {
    const text = calendar(
      event('DTSTART;VALUE=DATE:20260105', 'RRULE:FREQ=MONTHLY;BYDAY=1MO', 'EXDATE;VALUE=DATE:20261005'),
    );
    expect(isOn(text, '2026-11-01T22:59Z', '2026-11-01T23:00Z', '2026-11-02T23:00Z')).toEqual([false, true, false]);
    expect(isOn(text, '2026-10-05T12:00Z')).toEqual([false]);
  });
});

it('a time without a zone is one of the zone asked for, and may have a length instead of an end', () => {
  const text = calendar(event('DTSTART:20261123T220000', 'DURATION:PT90M'));
  expect(isOn(text, '2026-11-23T20:59Z', '2026-11-23T21:00Z', '2026-11-23T22:30Z')).toEqual([false, true, false]);
});

it('tells what stands in an event', () => {
  const words = [
    'SUMMARY:New antenna\\, at last',
    'LOCATION:gateway\\, attic-ap',
    'CATEGORIES:wifi,roof',
    'CATEGORIES:all',
  ];
  const text = calendar(event('DTSTART:20261123T220000Z', 'DTEND:20261123T230000Z', ...words));
  const { occurrences } = goingOn(text, Date.parse('2026-11-23T22:00Z'), ASKED);
  expect(occurrences).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      ...{ uid: 'a', title: 'New antenna, at last', place: 'gateway, attic-ap', categories: ['wifi', 'roof', 'all'] },
      ...{ begin: '2026-11-23T22:00:00.000Z', end: '2026-11-23T23:00:00.000Z' },
    },
  ]);
});

it('one time of an event keeps its id when it is changed, and no other has it', () => {
  const weeks = calendar(event(...TUESDAYS, WEEKLY));
  const longer = event(
    ...['RECURRENCE-ID;TZID=Our Madrid:20261027T220000', 'DTSTART;TZID=Our Madrid:20261027T213000'],
    'DTEND;TZID=Our Madrid:20261027T235900',
  );
  const id = (text: string, at: string): unknown =>
    goingOn(text, Date.parse(at), ASKED).occurrences.map((each) => each.id);
  const before = id(weeks, '2026-10-27T21:30Z');
  expect(id(calendar(event(...TUESDAYS, WEEKLY), longer), '2026-10-27T21:30Z')).toEqual(before);
  expect(id(weeks, '2026-11-03T21:30Z')).not.toEqual(before);
});

it('looks ahead when it is told to', () => {
  const text = calendar(event(...TUESDAYS, WEEKLY));
  const at_ms = Date.parse('2026-10-27T20:58Z');
  expect(goingOn(text, at_ms, { ...ASKED, ahead_ms: 1 * MINUTE_ms }).occurrences).toEqual([]);
  expect(goingOn(text, at_ms, { ...ASKED, ahead_ms: 2 * MINUTE_ms }).occurrences).toHaveLength(1);
});

it.each([
  ['it is repeated HOURLY: that may be DAILY, WEEKLY, MONTHLY, YEARLY', 'RRULE:FREQ=HOURLY'],
  [
    'it is repeated DAILY by BYDAY, each 7 days: say it WEEKLY, MONTHLY or YEARLY',
    'RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU',
  ],
  ['it is repeated DAILY by BYMONTH and BYMONTHDAY: say it', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'],
  ['its zone "Mars" is neither described nor known here', 'EXDATE;TZID=Mars:20261123T220000'],
  ['it has been more than 10000 times: begin it anew', 'RRULE:FREQ=DAILY', 'DTSTART:18000101T000000Z'],
])(
  'what cannot be followed is passed over, and nothing else: %s',
  (reason, line, start = 'DTSTART:20261123T220000Z') => {
    const bad = event('SUMMARY:bad', start, 'DURATION:PT1H', line);
    const good = event('UID:b', 'DTSTART:20261123T220000Z', 'DTEND:20261123T230000Z');
    const { occurrences, passedOver } = goingOn(calendar(bad, good), Date.parse('2026-11-23T22:00Z'), ASKED);
    expect(passedOver).toEqual([expect.stringContaining(`bad: ${reason}`)]);
    expect(occurrences.map(({ uid }) => uid)).toContain('b');
  },
);

it('several calendars in one file all count', () => {
  const one = calendar(event('DTSTART:20261123T220000Z', 'DURATION:PT1H'));
  const other = calendar(event('UID:b', 'DTSTART:20261123T220000Z', 'DURATION:PT1H'));
  expect(goingOn(`${one}\r\n${other}`, Date.parse('2026-11-23T22:00Z'), ASKED).occurrences).toHaveLength(2);
});

it.each([
  '',
  '<html>Please log in</html>',
  undefined,
  'BEGIN:VCARD\r\nFN:A\r\nEND:VCARD',
  'BEGIN:VCALENDAR\r\nBEGIN:VEVENT',
])('is no calendar: %j', (text) => {
  expect(() => goingOn(text, 0, ASKED)).toThrow(NoCalendarError);
});

it('wants a zone that there is', () => {
  expect(() => goingOn(calendar(), 0, { ...ASKED, zone: 'Madrid' })).toThrow(ZoneError);
});
