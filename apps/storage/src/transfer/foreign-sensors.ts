import type { Row } from '../kinds/kind.ts';
import { oneLine } from '../kinds/text.ts';
import { HeaderError, numberOf, type ForeignFormat, type ForeignTable } from './foreign-table.ts';

/** As `readHeader` in foreign-rows.ts: a number that a sensor gave, with its unit. */
export function readSensors(table: ForeignTable, format: ForeignFormat): (fields: readonly string[]) => Row | string {
  const [whose, value, unit] = [table.find('sensor'), table.find('value'), table.find('unit')];
  if (whose === undefined && format.sensor === undefined) throw table.lacks('sensor', 'the sensor', '--sensor');
  if (value === undefined) throw table.lacks('value', 'the value');
  if (unit === undefined && format.unit === undefined)
    throw new HeaderError(
      `no column tells the unit: ${table.known}; give --unit, such as celsius, volts_dc or percent`,
    );

  return (fields) => {
    const common = table.whoAndWhen(fields);
    if (typeof common === 'string') return common;
    const name = oneLine(whose?.text(fields) || (format.sensor ?? ''));
    if (name === '') return 'it names no sensor';
    // Some fall below zero.
    const number = numberOf(value.text(fields), -Infinity);
    if (number === undefined) return `value: ${JSON.stringify(value.text(fields))} is no number`;
    if (number === null) return 'nothing was measured';
    return [...common, 'sensor', name, number, null, null, oneLine(unit?.text(fields) || (format.unit ?? ''))];
  };
}
