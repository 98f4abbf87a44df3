import type { HistoryQueries, Span } from '@guaita/storage';
import { numbers } from './demo-network.ts';

type WorstQuestion = Parameters<HistoryQueries['worst']>[0];

/** When the outage in the pictures began and ended, in milliseconds before the end of the span. */
const OUTAGE_ms = [2.1 * 3_600_000, 1.7 * 3_600_000] as const;

const DAY_ms = 86_400_000;

type Line = readonly (string | number | null)[];

interface Told {
  readonly columns: readonly string[];
  readonly rows: readonly Line[];
}

/** Answers as a storage would that has watched for long: an evening with more traffic, a short outage, some loss. */
export function demoHistory(monitors: readonly string[]): HistoryQueries {
  return {
    series: async ({ kind, part = '', points, ...span }) => {
      if (kind === 'interface') return { resolution: '5m', ...traffic(monitors[0]!, part, span, points) };
      return { resolution: '5m', ...pings(monitors, span, points) };
    },
    events: async ({ from_ms, to_ms }) => ({
      columns: ['at', 'kind', 'what', 'event'],
      rows: [
        [iso(to_ms - OUTAGE_ms[1]), 'verdict', 'up', 'change'],
        [iso(to_ms - OUTAGE_ms[0]), 'verdict', 'down', 'change'],
        [iso(from_ms), 'verdict', 'up', 'change'],
      ],
    }),
    sparks: async ({ devices, ...span }) => sparks(devices, span),
    worst: async ({ by, limit }) => worst(monitors, by, limit),
    availability: async ({ devices, per, worst: most = devices.length, ...span }) =>
      availability(devices.slice(0, most), per, span),
  };
}

/** A monitor without a storage that could answer. */
export function noHistory(): HistoryQueries {
  const none = async (): Promise<never> => {
    throw Object.assign(new Error('there is no history here'), { statusCode: 404 });
  };
  return { series: none, sparks: none, events: none, worst: none, availability: none };
}

/** Always the same numbers for a device. */
function numbersOf(device: string): () => number {
  return numbers([...device].reduce((seed, letter) => seed * 31 + letter.codePointAt(0)!, 7));
}

function sparks(devices: readonly string[], span: Span): Told {
  const rows = devices.flatMap((device) => {
    const random = numbersOf(device);
    const usual_ms = 4 + random() * 26;
    return times(span, 36).map((at_ms): Line => {
      const loss = random() < 0.02 ? 20 : 0;
      return [device, iso(at_ms), usual_ms * (0.9 + random() * 0.25), loss];
    });
  });
  return { columns: ['device', 'at', 'rtt_avg_ms', 'loss_percent'], rows };
}

/** The homes with the least luck, as each monitor saw them. */
function worst(monitors: readonly string[], by: WorstQuestion['by'], limit: number): Told {
  const most = { loss: 41, rtt: 180, rtt_p95: 260, in: 4.1e8, out: 8.8e7, errors: 2.4 }[by];
  const part = ['in', 'out', 'errors'].includes(by) ? 'wan' : null;
  const rows = Array.from({ length: limit }, (_, rank): Line => {
    const device = `home-${1 + 7 * Math.floor(rank / monitors.length)}`;
    return [device, part, monitors[rank % monitors.length]!, most * 0.93 ** rank, 1440];
  });
  return { columns: ['device', 'part', 'monitor', 'value', 'count'], rows };
}

/** The first did worst: an outage every few days. */
function availability(devices: readonly string[], per: 'day' | 'month', span: Span): Told {
  const step_ms = per === 'day' ? DAY_ms : 30 * DAY_ms;
  const periods = Math.ceil((span.to_ms - span.from_ms) / step_ms);
  const rows = devices.flatMap((device, rank) => {
    const random = numbersOf(device);
    return Array.from({ length: periods }, (_, index): Line => {
      const length_s = step_ms / 1000;
      const isBad = random() < 0.3 / (1 + rank / 4);
      const down_s = isBad ? Math.round((length_s * random() * 0.2) / (1 + rank)) : 0;
      const percent = Math.round((1 - down_s / length_s) * 1e6) / 1e4;
      const [from, to] = [index, index + 1].map((step) => iso(span.from_ms + step * step_ms));
      return [device, from!, to!, percent, length_s - down_s, down_s, 0, 0];
    });
  });
  const columns = ['device', 'from', 'to', 'availability_percent', 'up_s', 'down_s', 'unknown_s', 'maintenance_s'];
  return { columns, rows };
}

function times({ from_ms, to_ms }: Span, points: number): number[] {
  return Array.from({ length: points }, (_, index) => from_ms + ((to_ms - from_ms) * index) / points);
}

function pings(monitors: readonly string[], span: Span, points: number): { columns: string[]; rows: Line[] } {
  const columns = [
    'monitor',
    'at',
    'sent',
    'received',
    'rtt_min_ms',
    'rtt_avg_ms',
    'rtt_max_ms',
    'rtt_p50_ms',
    'rtt_p95_ms',
  ];
  const rows = monitors.flatMap((monitor, place) => {
    const random = numbers(place + 1);
    return times(span, points).map((at_ms): Line => {
      const age_ms = span.to_ms - at_ms;
      const sent = 25;
      const start = [monitor, iso(at_ms), sent];
      if (age_ms < OUTAGE_ms[0] && age_ms > OUTAGE_ms[1]) return [...start, 0, null, null, null, null, null];
      const busy = 1 + 0.7 * Math.max(0, Math.sin(at_ms / 7_000_000)) + random() * 0.15;
      const least = (3.1 + place * 0.8) * (0.98 + random() * 0.06);
      const median = least * busy;
      const p95 = median * (1.15 + random() * 0.35);
      const spike = random() < 0.03 ? 2.2 : 1;
      const received = random() < 0.04 * busy ? sent - 1 - Math.floor(random() * 4) : sent;
      return [...start, received, least, median, p95 * (1.05 + random() * 0.3) * spike, median, p95];
    });
  });
  return { columns, rows };
}

function traffic(monitor: string, part: string, span: Span, points: number): { columns: string[]; rows: Line[] } {
  const random = numbers(part.length * 31 + (part.codePointAt(part.length - 1) ?? 0));
  const size = 2e6 + random() * 60e6;
  const rows = times(span, points).map((at_ms): Line => {
    const busy = 0.25 + Math.max(0, Math.sin(at_ms / 7_000_000)) + random() * 0.3;
    const errors = random() < 0.015 ? random() * 3 : 0;
    return [monitor, iso(at_ms), part, size * busy, size * busy * (0.2 + random() * 0.1), errors, 0];
  });
  return { columns: ['monitor', 'at', 'part', 'in_bps', 'out_bps', 'in_errors_per_s', 'out_errors_per_s'], rows };
}

function iso(at_ms: number): string {
  return new Date(at_ms).toISOString();
}
