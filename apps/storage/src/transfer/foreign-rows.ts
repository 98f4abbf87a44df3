import type { Row } from '../kinds/kind.ts';
import { readInterfaces } from './foreign-interfaces.ts';
import { readPings } from './foreign-pings.ts';
import { readSensors } from './foreign-sensors.ts';
import { ForeignTable, type ForeignFormat } from './foreign-table.ts';

const READERS = { ping: readPings, interface: readInterfaces, sensor: readSensors } as const;

/**
 * Learns from a header what its columns are.
 *
 * @returns what makes of a line’s fields a row of the format’s kind, or says why it cannot.
 * @throws {HeaderError} saying what is missing, or of which unit something is not known, and what to give.
 */
export function readHeader(
  header: readonly string[],
  format: ForeignFormat,
): (fields: readonly string[]) => Row | string {
  return READERS[format.kind](new ForeignTable(header, format), format);
}
