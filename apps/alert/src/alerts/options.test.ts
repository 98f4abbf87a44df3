import { AlertId, AlertKind } from '@guaita/model';
import { expect, it } from 'vitest';
import { alertId } from './id.ts';
import { ALERT_DEFAULTS } from './options.ts';

it.each([
  ['down', 'critical'],
  ['disputed', 'warning'],
  ['flapping', 'warning'],
  ['under-watched', 'warning'],
  ['monitor-lost', 'warning'],
  ['monitor-isolated', 'warning'],
  ['monitor-disk-low', 'warning'],
  ['monitor-disk-full', 'critical'],
  ['monitor-services-left-out', 'warning'],
] as const)('%s is %s', (kind, severity) => {
  expect(ALERT_DEFAULTS.severity(kind, [])).toBe(severity);
});

it('gives each kind, subject and episode an id of its own, the same for all who ever run this', () => {
  expect(alertId('down', 'router-1', 1)).toBe('7d5d4099cb5f2b5a');
  const ids = AlertKind.options.flatMap((kind) =>
    ['a', 'b'].flatMap((subject) => [0, 1].map((episode) => alertId(kind, subject, episode))),
  );
  for (const id of ids) AlertId.parse(id);
  expect(new Set(ids).size).toBe(ids.length);
});
