import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readExtra, type ExtraObject } from './extra.ts';
import { HOST_COLUMNS, HOST_SCALARS, readHost } from './host.ts';
import { ENTITY, UCD, UCD_LOAD } from './mib.ts';
import { indexBelow } from './oid.ts';
import { object, sampleHost, sampleOptics, sampleUps } from './sample-agents.ts';
import { readSensors, SENSOR_COLUMNS, sensorNameOids, sensorValue } from './sensors.ts';
import type { Varbind } from './session.ts';
import { Table } from './table.ts';
import { readUps, UPS_COLUMNS, UPS_SCALARS } from './ups.ts';
import { textOf } from './value.ts';

const stamp = { local_ms: 0, ticks: 100_000 };

function table(columns: readonly string[], objects: readonly Varbind[]): Table {
  const made = new Table(columns);
  for (const varbind of objects) {
    for (const [position, column] of columns.entries()) {
      const index = indexBelow(column, varbind.oid);
      if (index !== undefined) made.set(index, position, varbind, stamp);
    }
  }
  return made;
}

function scalars(oids: readonly string[], objects: readonly Varbind[]): Map<string, Varbind> {
  return new Map(
    oids.flatMap((oid) => objects.filter((varbind) => varbind.oid === `${oid}.0`).map((varbind) => [oid, varbind])),
  );
}

describe('a host', () => {
  it('says processors, memory and volumes of HOST-RESOURCES-MIB, sizes beyond 2^31 units too', () => {
    expect(readHost(scalars(HOST_SCALARS, sampleHost()), table(HOST_COLUMNS, sampleHost()))).toEqual({
      cpu_percent: 17.5,
      load_1min: null,
      load_5min: null,
      load_15min: null,
      memory_total_bytes: 4_096_000_000,
      memory_available_bytes: 1_024_000_000,
      storage: { '/': { total_bytes: (2 ** 32 - 1e9) * 4096, used_bytes: 4_096_000_000 } },
    });
  });

  it('says load, processors and memory of UCD-SNMP-MIB', () => {
    const objects = [
      object(`${UCD.memory_total}.0`, 'integer', 8_000_000),
      object(`${UCD.memory_free}.0`, 'integer', 1_000_000),
      object(`${UCD.memory_buffer}.0`, 'integer', 500_000),
      object(`${UCD.memory_cached}.0`, 'integer', 2_500_000),
      object(`${UCD.cpu_idle}.0`, 'integer', 93),
      ...[12, 150, 7].map((load, row) => object(`${UCD_LOAD}.${row + 1}`, 'integer', load)),
    ];
    expect(readHost(scalars(HOST_SCALARS, objects), table(HOST_COLUMNS, objects))).toEqual({
      cpu_percent: 7,
      load_1min: 0.12,
      load_5min: 1.5,
      load_15min: 0.07,
      memory_total_bytes: 8_192_000_000,
      memory_available_bytes: 4_096_000_000,
      storage: {},
    });
  });

  it('is none where the agent says nothing of it', () => {
    expect(readHost(new Map(), table(HOST_COLUMNS, []))).toBeUndefined();
  });
});

describe('sensors', () => {
  it('bear the names of ENTITY-MIB and values in their units; a broken one has none', () => {
    const read = table(SENSOR_COLUMNS, sampleOptics());
    const names = new Map(
      sampleOptics()
        .filter(({ oid }) => sensorNameOids(read).includes(oid))
        .map((varbind) => [varbind.oid, textOf(varbind) ?? '']),
    );
    expect(readSensors(read, names)).toEqual({
      'xe-0/0/1 temperature': { value: 41.5, unit: 'celsius', status: 'ok' },
      'xe-0/0/1 receive power': { value: -7.32, unit: 'dbm', status: 'ok' },
      'xe-0/0/1 voltage': { value: 3.301, unit: 'volts_dc', status: 'ok' },
      'xe-0/0/1 bias': { value: null, unit: 'amperes', status: 'nonoperational' },
    });
  });

  it('are told apart when they share a description and have no name', () => {
    const read = table(SENSOR_COLUMNS, sampleOptics());
    const names = new Map([301, 302].map((index) => [`${ENTITY.descr}.${index}`, 'SFP']));
    expect(Object.keys(readSensors(read, names) ?? {})).toEqual(['SFP#301', 'SFP#302', 'sensor303', 'sensor304']);
  });

  it('have a value for every scale and precision of the MIB, and none for the ends of its range or other scales', () => {
    expect(sensorValue(1_000_000_000, 9, 0)).toBe(null);
    expect(sensorValue(5, 18, 0)).toBe(null);
    expect(sensorValue(5, 9, 10)).toBe(null);
    expect(sensorValue(5, 10, -3)).toBe(5000);
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999_999, max: 999_999_999 }),
        fc.integer({ min: 1, max: 17 }),
        fc.integer({ min: -8, max: 9 }),
        (raw, scale, precision) => {
          const expected = raw * 10 ** ((scale - 9) * 3 - Math.max(0, precision));
          const value = sensorValue(raw, scale, precision);
          expect(Math.abs((value ?? NaN) - expected)).toBeLessThanOrEqual(Math.abs(expected) * 1e-12);
        },
      ),
    );
  });
});

describe('a power supply', () => {
  it('says battery, source, time left, charge and the load of its most loaded line', () => {
    expect(readUps(scalars(UPS_SCALARS, sampleUps()), table(UPS_COLUMNS, sampleUps()))).toEqual({
      battery: 'normal',
      source: 'battery',
      on_battery_s: 90,
      remaining_s: 2520,
      charge_percent: 87,
      load_percent: 64,
    });
  });

  it('is none where the agent has none', () => {
    expect(readUps(new Map(), table(UPS_COLUMNS, []))).toBeUndefined();
  });
});

describe('extra objects', () => {
  const gauge: ExtraObject = { name: 'fan', oid: '1.3.6.1.4.1.9.1.0', unit: 'rpm', kind: 'gauge', scale: 1 };
  const tenths: ExtraObject = { ...gauge, name: 'inlet', oid: '1.3.6.1.4.1.9.2.0', unit: 'celsius', scale: 0.1 };
  const queries: ExtraObject = {
    ...gauge,
    name: 'queries',
    oid: '1.3.6.1.4.1.9.3.0',
    unit: 'queries',
    kind: 'counter',
  };

  it('are gauges in their unit, of numeric types, decimal text and Opaque floats alike', () => {
    const float = object(tenths.oid, 'opaque', Uint8Array.of(0x9f, 0x78, 4, 0x42, 0x28, 0, 0));
    const given = new Map([
      [gauge.oid, object(gauge.oid, 'string', '4200')],
      [tenths.oid, float],
    ]);
    expect(readExtra([gauge, tenths], given, stamp, new Map()).extra).toEqual({
      fan: { value: 4200, unit: 'rpm' },
      inlet: { value: 4.2, unit: 'celsius' },
    });
  });

  it('are counters with a rate from the second poll on', () => {
    const read = (value: number) => new Map([[queries.oid, object(queries.oid, 'counter32', value)]]);
    const first = readExtra([queries], read(4_294_967_000), stamp, new Map());
    expect(first.extra['queries']).toEqual({
      value: 4_294_967_000,
      unit: 'queries',
      per_s: null,
      rate_unknown: 'first poll',
    });
    const second = readExtra([queries], read(304), { local_ms: 60_000, ticks: 106_000 }, first.memory);
    expect(second.extra['queries']).toEqual({ value: 304, unit: 'queries', per_s: 10 });
  });

  it('are null, with a reason, where the agent gives nothing or another type', () => {
    const given = new Map([[queries.oid, object(queries.oid, 'string', 'many')]]);
    const { extra, missing } = readExtra([gauge, queries], given, stamp, new Map());
    expect(extra).toMatchObject({ fan: { value: null }, queries: { value: null, per_s: null } });
    expect(Object.fromEntries(missing)).toEqual({
      fan: 'the device has no such object',
      queries: 'the device gives string where a counter is wanted',
    });
  });
});
