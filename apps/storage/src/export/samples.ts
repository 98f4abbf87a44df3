import type { Kind, Row, Value } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';

/** One value of one series. */
export interface Sample {
  /** With the metric’s name as `__name__`; a label that is empty is left out. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly at_ms: number;
}

/** The row’s values by the names of their columns. */
type Named = Readonly<Record<string, Value>>;

/** How a column becomes a metric: its name, and what makes its values those of the base unit. */
interface Figure {
  readonly column: string;
  readonly metric: string;
  readonly inBase?: (value: number) => number;
}

/**
 * Round trips are kept to the microsecond. Multiplied by 1e-3, or divided by 1000, many get digits of noise beyond, which
 * stores cannot compress; of a whole number a division gives the nearest double, so that the digits are those kept.
 */
const seconds = (ms: number): number => Math.round(ms * 1000) / 1e6;
const ratio = (percent: number): number => percent / 100;
const bytes = (bits: number): number => bits / 8;
const same = (value: number): number => value;

const PING: readonly Figure[] = [
  { column: 'rtt_avg_ms', metric: 'guaita_ping_rtt_seconds', inBase: seconds },
  { column: 'rtt_min_ms', metric: 'guaita_ping_rtt_min_seconds', inBase: seconds },
  { column: 'rtt_max_ms', metric: 'guaita_ping_rtt_max_seconds', inBase: seconds },
  { column: 'jitter_ms', metric: 'guaita_ping_jitter_seconds', inBase: seconds },
];

const SNMP: readonly Figure[] = [
  { column: 'uptime_s', metric: 'guaita_device_uptime_seconds' },
  { column: 'cpu_percent', metric: 'guaita_device_cpu_ratio', inBase: ratio },
  { column: 'load_1min', metric: 'guaita_device_load1' },
  { column: 'load_5min', metric: 'guaita_device_load5' },
  { column: 'load_15min', metric: 'guaita_device_load15' },
  { column: 'memory_total_bytes', metric: 'guaita_device_memory_total_bytes' },
  { column: 'memory_available_bytes', metric: 'guaita_device_memory_available_bytes' },
];

const INTERFACE: readonly Figure[] = [
  { column: 'speed_bps', metric: 'guaita_interface_speed_bytes_per_second', inBase: bytes },
  { column: 'in_bps', metric: 'guaita_interface_receive_bytes_per_second', inBase: bytes },
  { column: 'out_bps', metric: 'guaita_interface_transmit_bytes_per_second', inBase: bytes },
  { column: 'in_errors_per_s', metric: 'guaita_interface_receive_errors_per_second' },
  { column: 'out_errors_per_s', metric: 'guaita_interface_transmit_errors_per_second' },
  { column: 'in_discards_per_s', metric: 'guaita_interface_receive_discards_per_second' },
  { column: 'out_discards_per_s', metric: 'guaita_interface_transmit_discards_per_second' },
];

const SENSOR: readonly Figure[] = [
  { column: 'value', metric: 'guaita_sensor_value' },
  { column: 'per_s', metric: 'guaita_sensor_per_second' },
];

/** All that a verdict can say: each is a series that is 1 while it holds, else 0. */
const STATES = ['up', 'down', 'disputed', 'unreachable', 'unknown', 'maintenance'] as const;

/** Makes samples of a row; docs/grafana.md lists what there is. */
export function samplesOf(kind: Kind<KindName>, row: Row): Sample[] {
  const named = Object.fromEntries(kind.columns.map(({ name }, index) => [name, row[index] ?? null]));
  if (typeof named['at'] !== 'number') return [];
  return of[kind.name](named, named['at']).filter(({ value }) => Number.isFinite(value));
}

const of: Readonly<Record<KindName, (row: Named, at_ms: number) => Sample[]>> = {
  ping(row, at_ms) {
    const by = { monitor: text(row['monitor']), device: text(row['device']) };
    const { sent, received } = row;
    const loss =
      typeof sent === 'number' && typeof received === 'number' && sent > 0 ? (sent - received) / sent : Number.NaN;
    return [
      ...isUp(row['state'], 'guaita_ping_up', by, at_ms),
      { labels: { __name__: 'guaita_ping_loss_ratio', ...by }, value: loss, at_ms },
      ...figures(PING, row, by, at_ms),
    ];
  },

  snmp(row, at_ms) {
    const by = { monitor: text(row['monitor']), device: text(row['device']) };
    return [...isUp(row['state'], 'guaita_snmp_up', by, at_ms), ...figures(SNMP, row, by, at_ms)];
  },

  interface(row, at_ms) {
    const by = { monitor: text(row['monitor']), device: text(row['device']), interface: text(row['interface']) };
    return [
      ...isUp(row['oper'], 'guaita_interface_up', by, at_ms),
      ...isUp(row['admin'], 'guaita_interface_admin_up', by, at_ms),
      { labels: { __name__: 'guaita_interface_info', ...by, alias: text(row['alias']) }, value: 1, at_ms },
      ...figures(INTERFACE, row, by, at_ms),
    ];
  },

  sensor(row, at_ms) {
    const by = {
      ...{ monitor: text(row['monitor']), device: text(row['device']) },
      ...{ source: text(row['source']), sensor: text(row['sensor']), unit: text(row['unit']) },
    };
    return figures(SENSOR, row, by, at_ms);
  },

  // When it was heard: it may have begun long ago, and stores take nothing that is old.
  verdict(row, at_ms) {
    const heard_ms = at_ms + Number(row['delay_ms']);
    return STATES.map((state) => ({
      labels: { __name__: 'guaita_device_state', device: text(row['device']), state },
      value: row['state'] === state ? 1 : 0,
      at_ms: heard_ms,
    }));
  },

  alert(row, at_ms) {
    const [device, kind, part] = [text(row['device']), text(row['kind']), text(row['part'])];
    const labels = { __name__: 'guaita_alert', device, kind, part, severity: text(row['severity']) };
    return [{ labels, value: row['resolves'] === true ? 0 : 1, at_ms }];
  },
};

function figures(all: readonly Figure[], row: Named, by: Sample['labels'], at_ms: number): Sample[] {
  return all.flatMap(({ column, metric, inBase = same }) => {
    const value = row[column];
    return typeof value === 'number' ? [{ labels: { __name__: metric, ...by }, value: inBase(value), at_ms }] : [];
  });
}

/** What is neither known to be up nor down gives no sample. */
function isUp(state: Value | undefined, metric: string, by: Sample['labels'], at_ms: number): Sample[] {
  if (typeof state !== 'string' || state === 'unknown') return [];
  return [{ labels: { __name__: metric, ...by }, value: state === 'up' ? 1 : 0, at_ms }];
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}
