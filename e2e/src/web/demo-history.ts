import { numbers } from './demo-network.ts';
import type { Answers } from './page-server.ts';

/** When the outage in the pictures began and ended, in milliseconds before the end of the span. */
const OUTAGE_ms = [2.1 * 3_600_000, 1.7 * 3_600_000] as const;

/** Answers as a storage would that has watched for long: an evening with more traffic, a short outage, some loss. */
export function demoHistory(monitors: readonly string[]): Answers {
  return (path, query) => {
    const from_ms = Date.parse(query.get('from') ?? '');
    const to_ms = Date.parse(query.get('to') ?? '');
    if (path === 'series' && query.get('kind') === 'ping') return pings(monitors, from_ms, to_ms, pointsOf(query));
    if (path === 'series' && query.get('kind') === 'interface') {
      return traffic(monitors[0]!, query.get('part') ?? '', from_ms, to_ms, pointsOf(query));
    }
    if (path === 'events') {
      const event = (at_ms: number, state: string): object => ({
        at: new Date(at_ms).toISOString(),
        kind: 'verdict',
        what: state,
        event: 'change',
      });
      return {
        events: [event(from_ms, 'up'), event(to_ms - OUTAGE_ms[0], 'down'), event(to_ms - OUTAGE_ms[1], 'up')],
      };
    }
    return undefined;
  };
}

function pointsOf(query: URLSearchParams): number {
  return Math.min(400, Number(query.get('points') ?? 400));
}

function times(from_ms: number, to_ms: number, points: number): number[] {
  return Array.from({ length: points }, (_, index) => from_ms + ((to_ms - from_ms) * index) / points);
}

function pings(monitors: readonly string[], from_ms: number, to_ms: number, points: number): object {
  const columns = ['at', 'sent', 'received', 'rtt_min_ms', 'rtt_avg_ms', 'rtt_max_ms', 'rtt_p50_ms', 'rtt_p95_ms'];
  const rows: Record<string, (number | null | string)[][]> = {};
  for (const [place, monitor] of monitors.entries()) {
    const random = numbers(place + 1);
    rows[monitor] = times(from_ms, to_ms, points).map((at_ms) => {
      const at = new Date(at_ms).toISOString();
      const age_ms = to_ms - at_ms;
      const sent = 25;
      if (age_ms < OUTAGE_ms[0] && age_ms > OUTAGE_ms[1]) return [at, sent, 0, null, null, null, null, null];
      const busy = 1 + 0.7 * Math.max(0, Math.sin(at_ms / 7_000_000)) + random() * 0.15;
      const least = (3.1 + place * 0.8) * (0.98 + random() * 0.06);
      const median = least * busy;
      const p95 = median * (1.15 + random() * 0.35);
      const spike = random() < 0.03 ? 2.2 : 1;
      const received = random() < 0.04 * busy ? sent - 1 - Math.floor(random() * 4) : sent;
      return [at, sent, received, least, median, p95 * (1.05 + random() * 0.3) * spike, median, p95];
    });
  }
  return { resolution: '5m', columns, monitors: rows };
}

function traffic(monitor: string, part: string, from_ms: number, to_ms: number, points: number): object {
  const random = numbers(part.length * 31 + (part.codePointAt(part.length - 1) ?? 0));
  const size = 2e6 + random() * 60e6;
  const rows = times(from_ms, to_ms, points).map((at_ms) => {
    const busy = 0.25 + Math.max(0, Math.sin(at_ms / 7_000_000)) + random() * 0.3;
    const errors = random() < 0.015 ? random() * 3 : 0;
    return [new Date(at_ms).toISOString(), size * busy, size * busy * (0.2 + random() * 0.1), errors, 0];
  });
  return {
    resolution: '5m',
    columns: ['at', 'in_bps', 'out_bps', 'in_errors_per_s', 'out_errors_per_s'],
    monitors: { [monitor]: rows },
  };
}
