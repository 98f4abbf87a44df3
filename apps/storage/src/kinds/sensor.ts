import type { SnmpObservation } from '@guaita/model';
import { WHO_AND_WHEN, whoAndWhen, type Heard, type Kind, type Row, type Value } from './kind.ts';
import { oneLine } from './text.ts';

/** What monitors saw of all else that a device measures, a row for each value. */
export const sensor: Kind<'sensor'> = {
  name: 'sensor',
  meaning: 'one value that a device gives beside its interfaces, in one SNMP poll',
  columns: [
    ...WHO_AND_WHEN,
    {
      name: 'source',
      type: 'VARCHAR',
      meaning: 'sensor, ups, storage or extra: the part of the poll that it stands in',
    },
    {
      name: 'sensor',
      type: 'VARCHAR',
      meaning: 'its name: that of the sensor, the figure of the UPS, the mount point …',
    },
    {
      name: 'value',
      type: 'DOUBLE',
      unit: 'column `unit`',
      meaning: 'the number that it gives; null where it gives none',
    },
    { name: 'text', type: 'VARCHAR', meaning: 'what it gives in words: a status, the state of a battery' },
    { name: 'per_s', type: 'DOUBLE', unit: 'column `unit`, a second', meaning: 'of a counter, how fast it rises' },
    { name: 'unit', type: 'VARCHAR', meaning: 'celsius, volts_dc, percent, bytes, s …' },
  ],
  key: ['monitor', 'device', 'source', 'sensor', 'at'],
  order: ['device', 'source', 'sensor', 'monitor', 'at'],
};

interface Reading {
  readonly source: 'sensor' | 'ups' | 'storage' | 'extra';
  readonly name: string;
  readonly value?: Value | undefined;
  readonly text?: string | null;
  readonly per_s?: number | null | undefined;
  readonly unit: string;
}

/** A row for each value of one poll. */
export function sensorRows(heard: Heard, device: string, seen: SnmpObservation): Row[] {
  const common = whoAndWhen(heard, device, seen.at);
  return readings(seen).map(({ source, name, value, text, per_s, unit }) => [
    ...common,
    source,
    oneLine(name),
    typeof value === 'number' ? value : null,
    typeof value === 'string' ? oneLine(value) : (text ?? null),
    per_s ?? null,
    oneLine(unit),
  ]);
}

function readings({ sensors = {}, ups, extra = {}, host }: SnmpObservation): Reading[] {
  return [
    ...Object.entries(sensors).map(([name, { value, unit, status }]): Reading => ({
      source: 'sensor',
      name,
      value,
      unit,
      text: status,
    })),
    ...(ups === undefined ? [] : upsReadings(ups)),
    ...Object.entries(host?.storage ?? {}).flatMap(([mount, { total_bytes, used_bytes }]): Reading[] => [
      { source: 'storage', name: `${mount} total`, value: total_bytes, unit: 'bytes' },
      { source: 'storage', name: `${mount} used`, value: used_bytes, unit: 'bytes' },
    ]),
    ...Object.entries(extra).map(([name, { value, unit, per_s }]): Reading => ({
      source: 'extra',
      name,
      value,
      unit,
      per_s,
    })),
  ];
}

function upsReadings(ups: NonNullable<SnmpObservation['ups']>): Reading[] {
  const source = 'ups';
  return [
    { source, name: 'battery', text: ups.battery, unit: '' },
    { source, name: 'source', text: ups.source, unit: '' },
    { source, name: 'on_battery', value: ups.on_battery_s, unit: 's' },
    { source, name: 'remaining', value: ups.remaining_s, unit: 's' },
    { source, name: 'charge', value: ups.charge_percent, unit: 'percent' },
    { source, name: 'load', value: ups.load_percent, unit: 'percent' },
  ];
}
