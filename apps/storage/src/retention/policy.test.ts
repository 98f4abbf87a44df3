import { describe, expect, it } from 'vitest';
import type { Kept, KeptName } from './kept.ts';
import { enough, expired, givenUp } from './policy.ts';

const NOW_ms = Date.UTC(2026, 10, 22, 23, 0);
const DAYS = { measurements: 30, rollups: { '5m': 180, '1h': 730, '1d': 3_650 }, events: 730 };

/** `ping/2026-11-20`, of 10 bytes each. */
function kept(...names: readonly string[]): Kept[] {
  return names.map((each) => {
    const [name = '', period = ''] = each.split('/');
    return { name: name as KeptName, period, files: [`${each}/lookout-1.parquet`], size_bytes: 10 };
  });
}

const named = (some: readonly Kept[]): string[] => some.map(({ name, period }) => `${name}/${period}`);

describe('what is too old', () => {
  it.each([
    ['ping/2026-10-22', 'ping/2026-10-23'],
    ['interface/2026-10-22', 'interface/2026-10-23'],
    ['ping-5m/2026-05-25', 'ping-5m/2026-05-26'],
    ['snmp-1h/2024-10', 'snmp-1h/2024-11'],
    ['sensor-1d/2015', 'sensor-1d/2016'],
    ['verdict/2024-11-21', 'verdict/2024-11-22'],
    ['alert/2024-11-21', 'alert/2024-11-22'],
  ])('goes once all of its period is: %s goes, %s stays', (goes, stays) => {
    expect(named(expired(kept(stays, goes), DAYS, NOW_ms))).toEqual([goes]);
  });

  it('stays when it is of a time to come: a clock was wrong', () => {
    expect(expired(kept('ping/2031-01-01', 'ping-1d/2031'), DAYS, NOW_ms)).toEqual([]);
  });

  it('goes the oldest first', () => {
    const old = kept('ping/2026-01-02', 'snmp/2026-01-01', 'ping/2026-01-01');
    expect(named(expired(old, DAYS, NOW_ms))).toEqual(['ping/2026-01-01', 'snmp/2026-01-01', 'ping/2026-01-02']);
  });
});

describe('what is given up where there is no room', () => {
  it('is the oldest day of measurements of every kind together, then the next, rollups last and the coarsest at the very last', () => {
    const all = kept(
      ...['ping-1d/2025', 'ping-1h/2026-10', 'ping-5m/2026-11-01', 'ping/2026-11-21', 'ping/2026-11-20'],
      ...['interface/2026-11-20', 'snmp/2026-11-21'],
    );
    expect(givenUp(all, NOW_ms).map(named)).toEqual([
      ['interface/2026-11-20', 'ping/2026-11-20'],
      ['ping/2026-11-21', 'snmp/2026-11-21'],
      ['ping-5m/2026-11-01'],
      ['ping-1h/2026-10'],
      ['ping-1d/2025'],
    ]);
  });

  it.each(['ping/2026-11-22', 'ping/2026-11-23', 'ping-5m/2026-11-22', 'ping-1h/2026-11', 'ping-1d/2026'])(
    'is never what is of today: %s',
    (each) => {
      expect(givenUp(kept(each), NOW_ms)).toEqual([]);
    },
  );

  it.each(['verdict/2020-01-01', 'alert/2020-01-01'])('is never what happened: %s', (each) => {
    expect(givenUp(kept(each), NOW_ms)).toEqual([]);
  });

  it.each([
    [0, 0],
    [1, 1],
    [10, 1],
    [11, 2],
    [1_000, 3],
  ])('is no more than it takes: of 3 days of 10 bytes, for %i bytes %i', (short_bytes, days) => {
    const groups = givenUp(kept('ping/2026-11-19', 'ping/2026-11-20', 'ping/2026-11-21'), NOW_ms);
    expect(enough(groups, short_bytes)).toEqual(groups.slice(0, days));
  });
});
