import { interfaces } from '../kinds/interface.ts';
import type { Row } from '../kinds/kind.ts';
import { oneLine } from '../kinds/text.ts';
import {
  HeaderError,
  numberOf,
  type Field,
  type ForeignFormat,
  type ForeignTable,
  type FoundColumn,
  type RateUnit,
} from './foreign-table.ts';

const BITS_PER: Readonly<Record<RateUnit, number>> = { bits: 1, bytes: 8 };

/** Which columns of ours come from which of theirs. */
const RATES = {
  ...{ in_bps: 'in', out_bps: 'out', in_errors_per_s: 'in_errors', out_errors_per_s: 'out_errors' },
} as const satisfies Readonly<Record<string, Field>>;

/** As `readHeader` in foreign-rows.ts: what each interface carried a second, its errors, and nothing else of it. */
export function readInterfaces(
  table: ForeignTable,
  format: ForeignFormat,
): (fields: readonly string[]) => Row | string {
  const whose = table.find('interface');
  if (whose === undefined && format.interface === undefined)
    throw table.lacks('interface', 'the interface', '--interface');
  const rates = Object.entries(RATES).flatMap(([name, field]) => {
    const column = table.find(field);
    return column === undefined ? [] : [{ name, field, column, factor: factorOf(field, column, format) }];
  });
  if (!rates.some(({ field }) => field === 'in' || field === 'out')) throw table.lacks('in', 'traffic');

  return (fields) => {
    const common = table.whoAndWhen(fields);
    if (typeof common === 'string') return common;
    const name = oneLine(whose?.text(fields) || (format.interface ?? ''));
    if (name === '') return 'it names no interface';
    const found = new Map<string, number>();
    for (const { name: ours, field, column, factor } of rates) {
      const value = numberOf(column.text(fields));
      if (value === undefined) return `${field}: ${JSON.stringify(column.text(fields))} is no number of 0 or more`;
      // Kept as others are: whole bits, and thousandths of an event.
      if (value !== null) found.set(ours, ours.endsWith('_bps') ? Math.round(value * factor) : round(value));
    }
    if (found.size === 0) return 'nothing was measured';
    const rest = interfaces.columns.slice(common.length).map((column) => found.get(column.name) ?? null);
    return [...common, name, ...rest.slice(1)];
  };
}

function factorOf(field: Field, column: FoundColumn, { rateUnit }: ForeignFormat): number {
  if (field !== 'in' && field !== 'out') return 1;
  const unit = (column.unit as RateUnit | undefined) ?? rateUnit;
  if (unit === 'bits' || unit === 'bytes') return BITS_PER[unit];
  throw new HeaderError(`the column "${column.name}" does not tell its unit; give --rate-unit bits or bytes`);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
