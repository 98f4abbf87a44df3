import { describe, expect, it } from 'vitest';
import { isTimeZone, readTimeWindow, Times } from './times.ts';

/** Monday is 2 March 2026. */
const at = (day: number, time: string): number => Date.parse(`2026-03-0${1 + day}T${time}:00Z`);
const MON = 1;
const FRI = 5;
const SAT = 6;

function times(...texts: string[]): Times {
  return new Times(
    texts.map((text) => readTimeWindow(text)!),
    'UTC',
  );
}

describe('times', () => {
  it('are always where none are given', () => {
    expect(new Times([]).openFor_ms(at(MON, '03:00'))).toBe(Infinity);
  });

  it.each([
    ['mon-fri 08:00-18:00', MON, '07:59', undefined],
    ['mon-fri 08:00-18:00', MON, '08:00', 0],
    ['mon-fri 08:00-18:00', FRI, '17:59', 599],
    ['mon-fri 08:00-18:00', FRI, '18:00', undefined],
    ['mon-fri 08:00-18:00', SAT, '12:00', undefined],
    ['sat,sun 10:00-24:00', SAT, '23:59', 839],
    ['00:00-24:00', SAT, '23:59', 1439],
    ['22:00-06:00', MON, '05:30', 450],
    ['22:00-06:00', MON, '06:00', undefined],
    ['fri 22:00-06:00', SAT, '01:00', 180],
    ['fri 22:00-06:00', FRI, '01:00', undefined],
    ['fri-mon 09:00-10:00', MON, '09:10', 10],
    ['09:00-09:00', MON, '08:59', 1439],
  ] as const)('%s on day %i at %s', (text, day, time, minutes) => {
    const open = times(text).openFor_ms(at(day, time));
    expect(open).toBe(minutes === undefined ? undefined : minutes * 60_000);
  });

  it('are of the zone that is named', () => {
    const windows = [readTimeWindow('08:00-09:00')!];
    expect(new Times(windows, 'Europe/Madrid').openFor_ms(at(MON, '07:30'))).toBe(30 * 60_000);
    expect(new Times(windows, 'Europe/Madrid').openFor_ms(at(MON, '08:30'))).toBeUndefined();
    expect([isTimeZone('Europe/Madrid'), isTimeZone('Europe/Guaita')]).toEqual([true, false]);
  });

  it.each([
    '',
    '8:00-18:00',
    '08:00',
    '08:60-09:00',
    '24:00-25:00',
    'dim 08:00-09:00',
    'mon-tue-wed 08:00-09:00',
    'mon08:00-09:00',
  ])('are not read from %j', (text) => {
    expect(readTimeWindow(text)).toBeUndefined();
  });
});
