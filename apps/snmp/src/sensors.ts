import type { SensorObservation } from '@guaita/model';
import { ENTITY, SENSOR } from './mib.ts';
import { distinctNames } from './names.ts';
import type { Table } from './table.ts';
import { nameOf, numberOf } from './value.ts';

export const SENSOR_COLUMNS: readonly string[] = Object.values(SENSOR);

/** EntitySensorDataType. */
const UNITS = {
  1: 'other',
  2: 'unknown',
  3: 'volts_ac',
  4: 'volts_dc',
  5: 'amperes',
  6: 'watts',
  7: 'hertz',
  8: 'celsius',
  9: 'percent_rh',
  10: 'rpm',
  11: 'cmm',
  12: 'truth',
  13: 'special',
  14: 'dbm',
} as const;

const STATUS = { 1: 'ok', 2: 'unavailable', 3: 'nonoperational' } as const;

/** EntitySensorValue keeps its ends for "below" and "above what can be said". */
const VALUE_END = 1_000_000_000;

/** EntitySensorDataScale is 9 for units, and each step from there a thousandfold. */
const SCALE_UNITS = 9;
const SCALE_STEPS = 17;

/**
 * A sensor's value in its unit (RFC 3433): scale says by which power of a thousand it is to be multiplied, precision how
 * many of its digits stand behind the point.
 */
export function sensorValue(raw: number, scale: number, precision: number): number | null {
  if (Math.abs(raw) >= VALUE_END) return null;
  if (!Number.isInteger(scale) || scale < 1 || scale > SCALE_STEPS) return null;
  if (!Number.isInteger(precision) || precision < -8 || precision > 9) return null;
  // A precision below 0 counts trustworthy digits and moves nothing.
  const exponent = (scale - SCALE_UNITS) * 3 - Math.max(0, precision);
  // By way of text, since 12.3 is written as 123e-1 exactly, and 123 * 0.1 is not 12.3.
  return Number(`${raw}e${exponent}`);
}

/** The OIDs that name the sensors of a table: entPhysicalName and entPhysicalDescr of each. */
export function sensorNameOids(table: Table): string[] {
  return [...table.rows.keys()].flatMap((index) => [`${ENTITY.name}.${index}`, `${ENTITY.descr}.${index}`]);
}

/**
 * Makes sensors of the columns that were read, by name; `undefined` when there is none.
 *
 * @param names what the OIDs of `sensorNameOids` gave.
 */
export function readSensors(
  table: Table,
  names: ReadonlyMap<string, string>,
): Record<string, SensorObservation> | undefined {
  const rows = [...table.rows].filter(([, row]) => table.cell(row, SENSOR.value) !== undefined);
  if (rows.length === 0) return undefined;
  const named = distinctNames(
    rows.map(([index]) => [index, names.get(`${ENTITY.name}.${index}`) || names.get(`${ENTITY.descr}.${index}`)]),
    'sensor',
  );
  return Object.fromEntries(
    rows.map(([index, row]) => {
      const raw = numberOf(table.cell(row, SENSOR.value));
      const scale = numberOf(table.cell(row, SENSOR.scale)) ?? SCALE_UNITS;
      const precision = numberOf(table.cell(row, SENSOR.precision)) ?? 0;
      const status = nameOf(table.cell(row, SENSOR.status), STATUS) ?? null;
      // What a broken sensor says is no measurement (RFC 3433, entPhySensorOperStatus).
      const usable = raw !== undefined && (status === 'ok' || status === null);
      const observation: SensorObservation = {
        value: usable ? sensorValue(raw, scale, precision) : null,
        unit: nameOf(table.cell(row, SENSOR.type), UNITS) ?? 'unknown',
        status,
      };
      return [named.get(index) ?? index, observation];
    }),
  );
}
