import type { Alert, PingObservation, SnmpObservation, Verdict } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { alertRow } from './alert.ts';
import { interfaceRows } from './interface.ts';
import type { Kind, Row } from './kind.ts';
import { kindNames, kinds } from './kinds.ts';
import { pingRow } from './ping.ts';
import { sensorRows } from './sensor.ts';
import { snmpRow } from './snmp.ts';
import { VerdictChanges } from './verdict-changes.ts';
import { verdictRow } from './verdict.ts';

const AT = '2026-11-22T10:00:00.000Z';
const at_ms = Date.parse(AT);
const heard = { monitor: 'm1', received_ms: at_ms + 7 };

const observation: PingObservation = {
  at: AT,
  address: '192.0.2.1',
  sent: 3,
  received: 2,
  loss_percent: 33.333,
  rtt_min_ms: 1.1,
  rtt_avg_ms: 1.5,
  rtt_max_ms: 1.9,
  jitter_ms: 0.8,
  state: 'up',
};

const poll: SnmpObservation = {
  at: AT,
  address: '192.0.2.1',
  state: 'up',
  uptime_s: 4_000_000,
  name: 'core',
  description: null,
  interfaces: {
    eth0: {
      index: 1,
      alias: 'to the\nroof',
      type: 6,
      admin: 'up',
      oper: 'up',
      speed_bps: 1e9,
      in_bps: 1234.5678,
      out_bps: 0,
      in_octets: 2 ** 60,
      out_octets: 1,
      in_errors_per_s: 0.016_666_6,
      out_errors_per_s: 0,
      in_discards_per_s: null,
      out_discards_per_s: 0,
      in_multicast_per_s: 1,
      out_multicast_per_s: 2,
    },
  },
  host: {
    cpu_percent: 12,
    load_1min: 0.5,
    load_5min: 0.4,
    load_15min: 0.3,
    memory_total_bytes: 1000,
    memory_available_bytes: 600,
    storage: { '/': { total_bytes: 100, used_bytes: 40 } },
  },
  sensors: { 'CPU temperature': { value: 41.5, unit: 'celsius', status: 'ok' } },
  ups: {
    battery: 'low',
    source: 'battery',
    on_battery_s: 10,
    remaining_s: 300,
    charge_percent: 20,
    load_percent: 5,
  },
  extra: { firmware: { value: '1.2\u0007', unit: '' }, resets: { value: 3, unit: 'resets', per_s: 0.1 } },
};

const verdictSaid: Verdict = { state: 'down', since: AT, reason: '3 of 3 monitors say so', episode: 4, seen_by: [] };

const alertSaid: Alert = {
  id: '0123456789abcdef',
  kind: 'down',
  severity: 'critical',
  subject: 'd1',
  name: 'Core router',
  tags: [],
  episode: 4,
  since: AT,
  at: AT,
  text: 'Core router is down',
  seen_by: [],
  resolves: false,
};

/** A row with its columns’ names. */
function named(kind: Kind, row: Row | undefined): Record<string, unknown> {
  return Object.fromEntries(kind.columns.map(({ name }, index) => [name, row?.[index]]));
}

const common = { monitor: 'm1', device: 'd1', at: at_ms, delay_ms: 7 };

describe('rows of what was heard', () => {
  it('of a ping', () => {
    expect(named(kinds.ping, pingRow(heard, 'd1', { ...observation, reason: 'one\ntwo' }))).toEqual({
      ...common,
      state: 'up',
      sent: 3,
      received: 2,
      rtt_min_ms: 1.1,
      rtt_avg_ms: 1.5,
      rtt_max_ms: 1.9,
      jitter_ms: 0.8,
      reason: 'one two',
    });
  });

  it('of a monitor whose clock is an hour ahead: by its own clock, and how much that is off', () => {
    const row = pingRow({ monitor: 'm1', received_ms: at_ms - 3_600_000 }, 'd1', observation);
    expect(named(kinds.ping, row)).toMatchObject({ at: at_ms, delay_ms: -3_600_000 });
  });

  it('of a poll: the device', () => {
    expect(named(kinds.snmp, snmpRow(heard, 'd1', poll))).toEqual({
      ...common,
      state: 'up',
      uptime_s: 4_000_000,
      cpu_percent: 12,
      load_1min: 0.5,
      load_5min: 0.4,
      load_15min: 0.3,
      memory_total_bytes: 1000,
      memory_available_bytes: 600,
      reason: null,
    });
  });

  it('of a poll: its interfaces', () => {
    const rows = interfaceRows(heard, 'd1', poll);
    expect(rows).toHaveLength(1);
    expect(named(kinds.interface, rows[0])).toEqual({
      ...common,
      interface: 'eth0',
      alias: 'to the roof',
      admin: 'up',
      oper: 'up',
      speed_bps: 1e9,
      in_bps: 1234.5678,
      out_bps: 0,
      in_errors_per_s: 0.017,
      out_errors_per_s: 0,
      in_discards_per_s: null,
      out_discards_per_s: 0,
      in_multicast_per_s: 1,
      out_multicast_per_s: 2,
      rates_unknown: null,
    });
  });

  it('of a poll: all else that it measures', () => {
    const rows = sensorRows(heard, 'd1', poll).map((row) => row.slice(4));
    expect(rows).toEqual([
      ['sensor', 'CPU temperature', 41.5, 'ok', null, 'celsius'],
      ['ups', 'battery', null, 'low', null, ''],
      ['ups', 'source', null, 'battery', null, ''],
      ['ups', 'on_battery', 10, null, null, 's'],
      ['ups', 'remaining', 300, null, null, 's'],
      ['ups', 'charge', 20, null, null, 'percent'],
      ['ups', 'load', 5, null, null, 'percent'],
      ['storage', '/ total', 100, null, null, 'bytes'],
      ['storage', '/ used', 40, null, null, 'bytes'],
      ['extra', 'firmware', null, '1.2', null, ''],
      ['extra', 'resets', 3, null, 0.1, 'resets'],
    ]);
  });

  it('of a verdict', () => {
    expect(named(kinds.verdict, verdictRow(heard, 'd1', verdictSaid))).toEqual({
      ...common,
      state: 'down',
      episode: 4,
      flapping: false,
      reason: '3 of 3 monitors say so',
    });
  });

  it('of an alert', () => {
    expect(named(kinds.alert, alertRow(heard, alertSaid))).toEqual({
      ...common,
      id: '0123456789abcdef',
      kind: 'down',
      severity: 'critical',
      resolves: false,
      since: at_ms,
      episode: 4,
      part: null,
      name: 'Core router',
      text: 'Core router is down',
    });
  });
});

describe('a verdict', () => {
  it('is news when its state begins, not when it is said again', () => {
    const changes = new VerdictChanges();
    const later = { ...verdictSaid, since: '2026-11-22T11:00:00.000Z' };
    const heard = [verdictSaid, { ...verdictSaid, reason: 'other words' }, later, later, verdictSaid];
    expect(heard.map((said) => changes.isNew('d1', said))).toEqual([true, false, true, false, true]);
    changes.forget('d1');
    expect(changes.isNew('d1', verdictSaid)).toBe(true);
    expect(changes.isNew('d2', verdictSaid)).toBe(true);
  });
});

describe('a published schema', () => {
  it.each(kindNames)('%s: has each name once, and its key and order are of its columns', (name) => {
    const kind: Kind = kinds[name];
    const columns = kind.columns.map((column) => column.name);
    expect(new Set(columns).size).toBe(columns.length);
    expect(columns).toEqual(expect.arrayContaining([...kind.key, ...kind.order, 'at', 'monitor']));
    expect(kind.name).toBe(name);
  });
});
