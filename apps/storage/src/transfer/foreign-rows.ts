import { DAY_ms } from '../day.ts';
import type { Row } from '../kinds/kind.ts';

/** What a table of pings from elsewhere does not say by itself. */
export interface ForeignFormat {
  /** The monitor in whose name rows are kept that name none. */
  readonly monitor: string;
  /** Of all rows, where no column names one. */
  readonly device?: string | undefined;
  /** Of round trips whose column does not end in its unit. */
  readonly rttUnit?: RttUnit | undefined;
  /** Of a column that is called just `loss`. */
  readonly lossUnit?: LossUnit | undefined;
  /** Which column (by its header) is what, before all that is told by names. */
  readonly columns: Readonly<Partial<Record<Field, string>>>;
  readonly now_ms: number;
}

/** What columns may tell. */
export const FIELDS = [
  'time',
  'device',
  'monitor',
  'loss',
  'rtt',
  'rtt_min',
  'rtt_max',
  'jitter',
  'sent',
  'received',
] as const;
export type Field = (typeof FIELDS)[number];
export type RttUnit = 's' | 'ms' | 'us';
export type LossUnit = 'percent' | 'ratio' | 'requests';

/** A header that does not tell enough. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

/** What columns are called, their unit taken off. */
const NAMES: Readonly<Record<Field, readonly string[]>> = {
  time: ['time', 'at', 'timestamp', 'date', 'datetime', 'epoch'],
  device: ['device', 'host', 'hostname', 'target', 'name'],
  monitor: ['monitor', 'slave', 'probe'],
  loss: ['loss', 'packet_loss', 'packetloss'],
  rtt: ['rtt', 'rtt_avg', 'avg', 'median', 'latency', 'mean'],
  rtt_min: ['rtt_min', 'min'],
  rtt_max: ['rtt_max', 'max'],
  jitter: ['jitter', 'mdev'],
  sent: ['sent', 'pings', 'transmitted'],
  received: ['received', 'replies'],
};
const UNITS: Readonly<Record<string, RttUnit | LossUnit>> = {
  ...{ s: 's', sec: 's', seconds: 's', ms: 'ms', us: 'us' },
  ...{ percent: 'percent', pct: 'percent', '%': 'percent', ratio: 'ratio' },
};
const MS_PER: Readonly<Record<RttUnit, number>> = { s: 1000, ms: 1, us: 0.001 };
/** Of a loss that is told as a share, so that each percent is one. */
const SENT_DEFAULT = 100;
/** Nobody kept pings before that; what is earlier is a number that is no time. */
const EARLIEST_ms = Date.UTC(1990, 0, 1);
/** RRDtool’s and others’ words for: nothing was measured. */
const NOTHING = new Set(['', 'nan', '-nan', 'u', 'null', 'na', 'n/a', '-']);

interface FoundColumn {
  readonly index: number;
  readonly unit: RttUnit | LossUnit | undefined;
}

/**
 * Learns from a header what its columns are.
 *
 * @returns what makes of a line’s fields a row of kind `ping`, or says why it cannot.
 * @throws {HeaderError} saying what is missing, or of which unit something is not known, and what to give.
 */
export function readHeader(
  header: readonly string[],
  format: ForeignFormat,
): (fields: readonly string[]) => Row | string {
  const columns = Object.fromEntries(FIELDS.map((field) => [field, find(field, header, format)])) as Partial<
    Record<Field, FoundColumn>
  >;
  const { time, device, loss, rtt, sent, received } = columns;
  const known = `the header has ${header.map((name) => JSON.stringify(name)).join(', ')}`;
  if (time === undefined) throw new HeaderError(`no column tells the time: ${known}; name one with --column time=NAME`);
  if (device === undefined && format.device === undefined)
    throw new HeaderError(`no column tells the device: ${known}; name one with --column device=NAME, or give --device`);
  if (loss === undefined && rtt === undefined && received === undefined)
    throw new HeaderError(`no column tells loss or round trips: ${known}; name one with --column loss=NAME`);
  const factors = Object.fromEntries(
    (['rtt', 'rtt_min', 'rtt_max', 'jitter'] as const).map((field) => [
      field,
      msPer(field, header, columns[field], format),
    ]),
  );
  const lossUnit = loss === undefined ? undefined : ((loss.unit as LossUnit | undefined) ?? format.lossUnit);
  if (loss !== undefined && lossUnit === undefined)
    throw new HeaderError(
      `the column "${header[loss.index]}" does not tell its unit; give --loss-unit percent, ratio or requests`,
    );
  if (lossUnit === 'requests' && sent === undefined)
    throw new HeaderError(`loss in requests says little without how many were sent: ${known}; add a column "sent"`);

  return (fields) => {
    const text = (column: FoundColumn | undefined): string =>
      column === undefined ? '' : (fields[column.index] ?? '').trim();
    const at_ms = timeOf(text(time));
    if (at_ms === undefined)
      return `${JSON.stringify(text(time))} is no time: give seconds since 1970, or 2026-11-23T10:00:00Z`;
    if (at_ms < EARLIEST_ms || at_ms > format.now_ms + DAY_ms)
      return `${new Date(at_ms).toISOString()} cannot be: it is before 1990 or to come`;
    const whose = text(device) || format.device;
    if (whose === undefined) return 'it names no device';
    const numbers = new Map<Field, number | null>();
    for (const field of ['loss', 'rtt', 'rtt_min', 'rtt_max', 'jitter', 'sent', 'received'] as const) {
      const value = numberOf(text(columns[field]));
      if (value === undefined) return `${field}: ${JSON.stringify(text(columns[field]))} is no number of 0 or more`;
      numbers.set(field, value === null ? null : value * (factors[field] ?? 1));
    }
    const counts = countsOf(numbers, lossUnit, sent === undefined);
    if (typeof counts === 'string') return counts;
    const rtts = (['rtt_min', 'rtt', 'rtt_max', 'jitter'] as const).map((field) => {
      return counts.received === 0 ? null : (numbers.get(field) ?? null);
    });
    const monitor = text(columns.monitor) || format.monitor;
    return [monitor, whose, at_ms, 0, counts.received > 0 ? 'up' : 'down', counts.sent, counts.received, ...rtts, null];
  };
}

function find(field: Field, header: readonly string[], { columns }: ForeignFormat): FoundColumn | undefined {
  const named = columns[field];
  const index = header.findIndex((name) => {
    const { base } = parts(name);
    return named === undefined ? NAMES[field].includes(base) : name.trim() === named;
  });
  if (named !== undefined && index === -1)
    throw new HeaderError(`no column is called ${JSON.stringify(named)}; the header has ${header.join(', ')}`);
  return index === -1 ? undefined : { index, unit: parts(header[index] ?? '').unit };
}

/** `RTT (ms)`, `rtt_avg_ms` and `loss %` as a name and a unit. */
function parts(name: string): { base: string; unit: RttUnit | LossUnit | undefined } {
  const words = name
    .toLowerCase()
    .replaceAll(/[()[\]]/g, ' ')
    .trim()
    .split(/[\s_]+/);
  const unit = words.length > 1 ? UNITS[words.at(-1) ?? ''] : undefined;
  return { base: (unit === undefined ? words : words.slice(0, -1)).join('_'), unit };
}

function msPer(
  field: Field,
  header: readonly string[],
  column: FoundColumn | undefined,
  { rttUnit }: ForeignFormat,
): number {
  if (column === undefined) return 1;
  const unit = (column.unit as RttUnit | undefined) ?? rttUnit;
  if (unit !== undefined) return MS_PER[unit];
  throw new HeaderError(
    `the column "${header[column.index]}" (${field}) does not tell its unit; give --rtt-unit s, ms or us`,
  );
}

/** Seconds or milliseconds since 1970, or a date with time; one without a zone is UTC. */
function timeOf(text: string): number | undefined {
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const [, day, time = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?))?\s*(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  if (day === undefined) return undefined;
  const at_ms = Date.parse(`${day}T${time.replace(',', '.')}${zone}`);
  return Number.isNaN(at_ms) ? undefined : at_ms;
}

/** `null`: nothing was measured; `undefined`: it is no number. */
function numberOf(text: string): number | null | undefined {
  if (NOTHING.has(text.toLowerCase())) return null;
  const value = Number(text.replace(/%$/, ''));
  return Number.isFinite(value) && value >= 0 ? value : undefined;
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
