import { DAY_ms } from '../day.ts';

/** Of which kinds tables from elsewhere are read. */
export const IMPORTED_KINDS = ['ping', 'interface', 'sensor'] as const;
export type ImportedKind = (typeof IMPORTED_KINDS)[number];

/** What a table from elsewhere does not say by itself. */
export interface ForeignFormat {
  readonly kind: ImportedKind;
  /** The monitor in whose name rows are kept that name none. */
  readonly monitor: string;
  /** Of all rows, where no column names one. */
  readonly device?: string | undefined;
  readonly interface?: string | undefined;
  readonly sensor?: string | undefined;
  /** Of a sensor’s values. */
  readonly unit?: string | undefined;
  /** Of round trips whose column does not end in its unit. */
  readonly rttUnit?: RttUnit | undefined;
  /** Of a column that is called just `loss`. */
  readonly lossUnit?: LossUnit | undefined;
  /** Of traffic whose column does not end in its unit. */
  readonly rateUnit?: RateUnit | undefined;
  /** Which column (by its header) is what, before all that is told by names. */
  readonly columns: Readonly<Partial<Record<Field, string>>>;
  readonly now_ms: number;
}

export type RttUnit = 's' | 'ms' | 'us';
export type LossUnit = 'percent' | 'ratio' | 'requests';
export type RateUnit = 'bits' | 'bytes';

/** A header that does not tell enough. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

/** What columns may tell, and how they are called, their unit taken off. */
const NAMES = {
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
  interface: ['interface', 'ifname', 'ifdescr', 'port'],
  in: ['in', 'traffic_in', 'rx'],
  out: ['out', 'traffic_out', 'tx'],
  in_errors: ['in_errors', 'in_errors_per', 'inerrors', 'rx_errors'],
  out_errors: ['out_errors', 'out_errors_per', 'outerrors', 'tx_errors'],
  sensor: ['sensor', 'item', 'metric'],
  value: ['value', 'reading'],
  unit: ['unit', 'units'],
} as const satisfies Record<string, readonly string[]>;
export type Field = keyof typeof NAMES;
export const FIELDS = Object.keys(NAMES) as readonly Field[];

/** How columns’ names end. */
const UNITS: Readonly<Record<string, RttUnit | LossUnit | RateUnit>> = {
  ...{ s: 's', sec: 's', seconds: 's', ms: 'ms', us: 'us' },
  ...{ percent: 'percent', pct: 'percent', '%': 'percent', ratio: 'ratio' },
  ...{ bps: 'bits', bits: 'bits', 'bit/s': 'bits', bytes: 'bytes', octets: 'bytes', 'b/s': 'bytes' },
};

/** Nobody kept measurements before that; what is earlier is a number that is no time. */
const EARLIEST_ms = Date.UTC(1990, 0, 1);
/** RRDtool’s and others’ words for: nothing was measured. */
const NOTHING = new Set(['', 'nan', '-nan', 'u', 'null', 'na', 'n/a', '-']);

/** A column that tells something, and the unit that its name ends in. */
export interface FoundColumn {
  readonly name: string;
  readonly unit: RttUnit | LossUnit | RateUnit | undefined;
  /** What stands in it, in a line. */
  readonly text: (fields: readonly string[]) => string;
}

/** The header of a table from elsewhere. */
export class ForeignTable {
  readonly #header: readonly string[];
  readonly #format: ForeignFormat;
  readonly #time: FoundColumn;
  readonly #device: FoundColumn | undefined;
  readonly #monitor: FoundColumn | undefined;

  /** @throws {HeaderError} when it tells no time, or of no device. */
  constructor(header: readonly string[], format: ForeignFormat) {
    this.#header = header;
    this.#format = format;
    const time = this.find('time');
    if (time === undefined) throw this.lacks('time', 'the time');
    this.#time = time;
    this.#device = this.find('device');
    this.#monitor = this.find('monitor');
    if (this.#device === undefined && format.device === undefined) throw this.lacks('device', 'the device', '--device');
  }

  /** The column that tells something, as it was named, or as such columns are called. */
  find(field: Field): FoundColumn | undefined {
    const named = this.#format.columns[field];
    const index = this.#header.findIndex((name) => {
      const known: readonly string[] = NAMES[field];
      return named === undefined ? known.includes(parts(name).base) : name.trim() === named;
    });
    if (named !== undefined && index === -1)
      throw new HeaderError(`no column is called ${JSON.stringify(named)}; the header has ${this.#header.join(', ')}`);
    if (index === -1) return undefined;
    const name = this.#header[index] ?? '';
    return { name, unit: parts(name).unit, text: (fields) => (fields[index] ?? '').trim() };
  }

  /** What to say where a column is missing. */
  lacks(field: Field, what: string, option?: string): HeaderError {
    const mend = `name one with --column ${field}=NAME${option === undefined ? '' : `, or give ${option}`}`;
    return new HeaderError(`no column tells ${what}: ${this.known}; ${mend}`);
  }

  get known(): string {
    return `the header has ${this.#header.map((name) => JSON.stringify(name)).join(', ')}`;
  }

  /** Who saw whom, and when, of a line: the columns with which every row begins; or what is wrong with it. */
  whoAndWhen(fields: readonly string[]): readonly [string, string, number, number] | string {
    const { monitor, device, now_ms } = this.#format;
    const time = this.#time.text(fields);
    const at_ms = timeOf(time);
    if (at_ms === undefined)
      return `${JSON.stringify(time)} is no time: give seconds since 1970, or 2026-11-23T10:00:00Z`;
    if (at_ms < EARLIEST_ms || at_ms > now_ms + DAY_ms)
      return `${new Date(at_ms).toISOString()} cannot be: it is before 1990 or to come`;
    const whose = this.#device?.text(fields) || device;
    if (whose === undefined) return 'it names no device';
    return [this.#monitor?.text(fields) || monitor, whose, at_ms, 0];
  }
}

/** `RTT (ms)`, `rtt_avg_ms`, `loss %` and `INOCTETS` as a name and a unit. */
function parts(name: string): { base: string; unit: FoundColumn['unit'] } {
  const words = name
    .toLowerCase()
    .replaceAll(/[()[\]]/g, ' ')
    .replace(/(in|out)octets$/, '$1 octets')
    .trim()
    .split(/[\s_]+/);
  const unit = words.length > 1 ? UNITS[words.at(-1) ?? ''] : undefined;
  return { base: (unit === undefined ? words : words.slice(0, -1)).join('_'), unit };
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

/**
 * A number as it is written.
 *
 * @param least below which nothing can be.
 * @returns `null`: nothing was measured; `undefined`: it is no such number.
 */
export function numberOf(text: string, least = 0): number | null | undefined {
  if (NOTHING.has(text.toLowerCase())) return null;
  const value = Number(text.replace(/%$/, ''));
  return Number.isFinite(value) && value >= least ? value : undefined;
}
