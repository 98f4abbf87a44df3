import type { Span, HistoryQueries } from '@guaita/storage';
import { numbers } from './demo-network.ts';

/** When the outage in the pictures began and ended, in milliseconds before the end of the span. */
const OUTAGE_ms = [2.1 * 3_600_000, 1.7 * 3_600_000] as const;

type Line = readonly (string | number | null)[];

const NOTHING = { columns: [], rows: [] };

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
    worst: async () => NOTHING,
    availability: async () => NOTHING,
  };
}

/** A monitor without a storage that could answer. */
export function noHistory(): HistoryQueries {
  const none = async (): Promise<never> => {
    throw Object.assign(new Error('there is no history here'), { statusCode: 404 });
  };
  return { series: none, events: none, worst: none, availability: none };
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
