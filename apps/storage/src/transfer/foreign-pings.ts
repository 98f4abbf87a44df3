import type { Row } from '../kinds/kind.ts';
import {
  HeaderError,
  numberOf,
  type Field,
  type ForeignFormat,
  type ForeignTable,
  type FoundColumn,
  type LossUnit,
  type RttUnit,
} from './foreign-table.ts';

const MS_PER: Readonly<Record<RttUnit, number>> = { s: 1000, ms: 1, us: 0.001 };
/** Of a loss that is told as a share, so that each percent is one. */
const SENT_DEFAULT = 100;

const RTTS = ['rtt_min', 'rtt', 'rtt_max', 'jitter'] as const;
const NUMBERS = ['loss', ...RTTS, 'sent', 'received'] as const;

/** As `readHeader` in foreign-rows.ts. */
export function readPings(table: ForeignTable, format: ForeignFormat): (fields: readonly string[]) => Row | string {
  const columns = new Map(NUMBERS.map((field) => [field, table.find(field)]));
  const [loss, rtt, sent, received] = (['loss', 'rtt', 'sent', 'received'] as const).map((field) => columns.get(field));
  if (loss === undefined && rtt === undefined && received === undefined)
    throw table.lacks('loss', 'loss or round trips');
  const factors = new Map<Field, number>(RTTS.map((field) => [field, msPer(field, columns.get(field), format)]));
  const lossUnit = loss === undefined ? undefined : ((loss.unit as LossUnit | undefined) ?? format.lossUnit);
  if (loss !== undefined && lossUnit === undefined)
    throw new HeaderError(
      `the column "${loss.name}" does not tell its unit; give --loss-unit percent, ratio or requests`,
    );
  if (lossUnit === 'requests' && sent === undefined)
    throw new HeaderError(
      `loss in requests says little without how many were sent: ${table.known}; add a column "sent"`,
    );

  return (fields) => {
    const common = table.whoAndWhen(fields);
    if (typeof common === 'string') return common;
    const numbers = new Map<Field, number | null>();
    for (const field of NUMBERS) {
      const text = columns.get(field)?.text(fields) ?? '';
      const value = numberOf(text);
      if (value === undefined) return `${field}: ${JSON.stringify(text)} is no number of 0 or more`;
      numbers.set(field, value === null ? null : value * (factors.get(field) ?? 1));
    }
    const counts = countsOf(numbers, lossUnit, sent === undefined);
    if (typeof counts === 'string') return counts;
    const rtts = RTTS.map((field) => (counts.received === 0 ? null : (numbers.get(field) ?? null)));
    return [...common, counts.received > 0 ? 'up' : 'down', counts.sent, counts.received, ...rtts, null];
  };
}

function msPer(field: Field, column: FoundColumn | undefined, { rttUnit }: ForeignFormat): number {
  if (column === undefined) return 1;
  const unit = column.unit ?? rttUnit;
  if (unit !== undefined && isRttUnit(unit)) return MS_PER[unit];
  throw new HeaderError(`the column "${column.name}" (${field}) does not tell its unit; give --rtt-unit s, ms or us`);
}

function isRttUnit(unit: string): unit is RttUnit {
  return unit in MS_PER;
}

function countsOf(
  numbers: ReadonlyMap<Field, number | null>,
  lossUnit: LossUnit | undefined,
  isSentUntold: boolean,
): { sent: number; received: number } | string {
  const loss = numbers.get('loss') ?? null;
  const rtt = numbers.get('rtt') ?? null;
  const told = numbers.get('received') ?? null;
  const sent = isSentUntold ? SENT_DEFAULT : (numbers.get('sent') ?? null);
  if (sent === null || sent < 1) return 'it does not tell how many requests were sent';
  if (told !== null) return told <= sent ? { sent, received: told } : 'more was received than sent';
  if (loss === null) return rtt === null ? 'nothing was measured' : { sent, received: sent };
  const lost = { percent: (loss * sent) / 100, ratio: loss * sent, requests: loss }[lossUnit ?? 'percent'];
  return lost <= sent ? { sent, received: Math.round(sent - lost) } : `a loss of ${loss} is more than all`;
}
