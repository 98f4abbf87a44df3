import { expect, it } from 'vitest';
import { historyQuery, HoursError, NoDeviceError } from './history-query.ts';

const NOW_ms = Date.parse('2026-11-22T12:00:00.000Z');
const LAST_DAY = { from: '2026-11-21T12:00:00.000Z', to: '2026-11-22T12:00:00.000Z' };
const ASKED = { device: 'gateway', kind: 'ping', hours: 24 };

it.each<[string, unknown, object]>([
  ['nothing', undefined, { device: 'gateway', kind: 'ping', ...LAST_DAY }],
  ['a time, as inject nodes send it', NOW_ms, { device: 'gateway', kind: 'ping', ...LAST_DAY }],
  ['an id', 'attic-ap', { device: 'attic-ap', kind: 'ping', ...LAST_DAY }],
  ['part of it', { kind: 'snmp', limit: 10 }, { device: 'gateway', kind: 'snmp', limit: 10, ...LAST_DAY }],
  [
    'a time to begin',
    { from: '2026-01-01T00:00:00Z' },
    { device: 'gateway', kind: 'ping', ...LAST_DAY, from: '2026-01-01T00:00:00Z' },
  ],
])('a query is made of %s', (_, payload, query) => {
  expect(historyQuery(payload, ASKED, NOW_ms)).toEqual(query);
});

it('which device is meant has to be said somewhere', () => {
  const anyDevice = { ...ASKED, device: '' };
  expect(historyQuery('attic-ap', anyDevice, NOW_ms)).toMatchObject({ device: 'attic-ap' });
  expect(() => historyQuery({ kind: 'snmp' }, anyDevice, NOW_ms)).toThrow(NoDeviceError);
});

it.each([NaN, 0, -1, 1e18, Infinity])('%s hours are none', (hours) => {
  expect(() => historyQuery('gateway', { ...ASKED, hours }, NOW_ms)).toThrow(
    new HoursError(`the hours are ${hours}: give in the dialog how many, such as 24`),
  );
});
