import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PERIODS, type Period } from './history/periods.ts';
import { WORST_BY, type WorstBy } from './history/worst.ts';
import { SORTS } from './network/selection.ts';
import { STATES } from './network/state.ts';
import { DEFAULT_REPORT, hrefOf, parseRoute, RANGES, type Range, type Route } from './route.ts';

const routes = fc.oneof(
  fc.constantFrom<Route>({ view: 'overview' }, { view: 'monitors' }, { view: 'services' }),
  fc.record({ view: fc.constant('map' as const), text: fc.string() }),
  fc.record({
    view: fc.constant('reports' as const),
    report: fc.record({
      tag: fc.string(),
      period: fc.constantFrom(...(Object.keys(PERIODS) as Period[])),
      by: fc.constantFrom(...(Object.keys(WORST_BY) as WorstBy[])),
      range: fc.constantFrom(...(Object.keys(RANGES) as Range[])),
    }),
  }),
  fc.record({
    view: fc.constant('device' as const),
    device: fc.string({ minLength: 1 }),
    range: fc.constantFrom(...(Object.keys(RANGES) as Range[])),
  }),
  fc.record({
    view: fc.constant('devices' as const),
    selection: fc.record({
      states: fc.subarray([...STATES]),
      tag: fc.string(),
      site: fc.string(),
      text: fc.string(),
      sort: fc.constantFrom(...SORTS),
      isDescending: fc.boolean(),
    }),
  }),
);

it('every place has an address that leads back to it', () => {
  fc.assert(
    fc.property(routes, (route) => {
      expect(parseRoute(hrefOf(route))).toEqual(route);
    }),
  );
});

it.each(['', '#', '#/', '#/nothing', '#/nothing/at?all=1'])('%j leads to the overview', (hash) => {
  expect(parseRoute(hash)).toEqual({ view: 'overview' });
});

it('what is not known in an address is as if it were not there', () => {
  expect(parseRoute('#/devices?state=down,fine&sort=luck&order=up')).toMatchObject({
    selection: { states: ['down'], sort: 'state', isDescending: false },
  });
  expect(parseRoute('#/device/%E0%A4%A?range=constructor')).toEqual({
    view: 'device',
    device: '%E0%A4%A',
    range: '6h',
  });
  expect(parseRoute('#/reports?period=toString&by=luck&range=1d')).toEqual({ view: 'reports', report: DEFAULT_REPORT });
});
