import type { HistoryQueries, Span } from '@guaita/storage';
import { numbers, type DemoDevice, type DemoNetwork } from './demo-network.ts';

type WorstQuestion = Parameters<HistoryQueries['worst']>[0];

/** When one of the gateway's monitors got no reply in the pictures, in milliseconds before the end of the span. */
export const DISPUTE_ms = [2.1 * 3_600_000, 1.7 * 3_600_000] as const;

/** What comes in and goes out of the gateway's interfaces now. */
export const TRAFFIC_bps: Readonly<Record<string, readonly [in_bps: number, out_bps: number]>> = {
  wan: [931e6, 61.8e6],
  'sfp-backbone-1': [96.1e6, 388e6],
  ether3: [12.4e6, 33.9e6],
  ether4: [0, 0],
};

const DAY_ms = 86_400_000;

type Line = readonly (string | number | null)[];

interface Told {
  readonly columns: readonly string[];
  readonly rows: readonly Line[];
}

/** Answers as a storage would that has watched a site for long: evenings with more traffic, one dispute, some loss. */
export function demoHistory(network: DemoNetwork): HistoryQueries {
  const find = (id: string): DemoDevice => network.devices.find((device) => device.id === id) ?? network.devices[0]!;
  return {
    series: async ({ device, kind, part = '', points, ...span }) => {
      const { spec, usual_ms } = find(device);
      const [first = ''] = spec.monitors;
      if (kind === 'interface') return { resolution: '5m', ...traffic(first, part, span, points) };
      return { resolution: '5m', ...pings(spec.monitors, usual_ms, span, points) };
    },
    events: async ({ from_ms, to_ms }) => ({
      columns: ['at', 'kind', 'what', 'event'],
      rows: [
        [iso(to_ms - DISPUTE_ms[1]), 'verdict', 'up', 'change'],
        [iso(to_ms - DISPUTE_ms[0]), 'verdict', 'disputed', 'change'],
        [iso(from_ms), 'verdict', 'up', 'change'],
      ],
    }),
    sparks: async ({ devices, ...span }) => sparks(network, devices.map(find), span),
    worst: async ({ by, limit }) => worst(network, by, limit),
    availability: async ({ devices, per, worst: most, ...span }) => availability(devices, per, span, most),
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

function sparks(network: DemoNetwork, devices: readonly DemoDevice[], span: Span): Told {
  const known = devices.filter(({ id }) => network.stateOf(id) !== 'unknown');
  const rows = known.flatMap((device) => {
    const random = numbersOf(device.id);
    return times(span, 36).map((at_ms): Line => {
      const back = device.spec.monitors.filter((monitor) => network.answers(device, monitor, at_ms)).length;
      const lost = device.loss_percent * random() * 2 + (1 - back / device.spec.monitors.length) * 100;
      const rtt_ms = device.usual_ms * (0.9 + random() * 0.25);
      return [device.id, iso(at_ms), back === 0 ? null : rtt_ms, Math.min(100, lost)];
    });
  });
  return { columns: ['device', 'at', 'rtt_avg_ms', 'loss_percent'], rows };
}

/** The homes that lose most, or are furthest away, as each of their monitors saw them. */
function worst(network: DemoNetwork, by: WorstQuestion['by'], limit: number): Told {
  const columns = ['device', 'part', 'monitor', 'value', 'count'];
  if (by === 'in' || by === 'out' || by === 'errors') {
    const rows = Object.entries(TRAFFIC_bps).map(([part, [into, out]]): Line => {
      return ['gateway', part, 'pi-1', by === 'in' ? into : by === 'out' ? out : part === 'ether3' ? 0.04 : 0, 288];
    });
    return { columns, rows: rows.sort((a, b) => Number(b[3]) - Number(a[3])) };
  }
  const rows = network.devices.flatMap(({ id, spec, usual_ms, loss_percent }) => {
    const random = numbersOf(id);
    const usual = by === 'loss' ? loss_percent : usual_ms * (by === 'rtt' ? 1 : 1.4);
    return spec.monitors.map((monitor): Line => [id, null, monitor, usual * (0.9 + random() * 0.2), 1440]);
  });
  const ranked = rows.filter((row) => Number(row[3]) > 0).sort((a, b) => Number(b[3]) - Number(a[3]));
  return { columns, rows: ranked.slice(0, limit) };
}

/** Most were up nearly all the time; a few have an outage every few days. */
function availability(devices: readonly string[], per: 'day' | 'month', span: Span, most: number | undefined): Told {
  const step_ms = per === 'day' ? DAY_ms : 30 * DAY_ms;
  const length_s = step_ms / 1000;
  const periods = Math.ceil((span.to_ms - span.from_ms) / step_ms);
  const told = devices.map((device) => {
    const random = numbersOf(`${device} ${per}`);
    const weakness = numbersOf(device)() ** 8;
    const downs_s = Array.from({ length: periods }, () => {
      return random() < 0.4 * weakness ? Math.round(length_s * random() ** 2 * 0.15 * weakness) : 0;
    });
    return { device, downs_s, all_s: downs_s.reduce((sum, down_s) => sum + down_s, 0) };
  });
  if (most !== undefined) told.sort((a, b) => b.all_s - a.all_s).splice(most);
  const rows = told.flatMap(({ device, downs_s }) =>
    downs_s.map((down_s, index): Line => {
      const percent = Math.round((1 - down_s / length_s) * 1e6) / 1e4;
      const [from_ms, to_ms] = [span.from_ms + index * step_ms, span.from_ms + (index + 1) * step_ms];
      return [device, iso(from_ms), iso(to_ms), percent, length_s - down_s, down_s, 0, 0];
    }),
  );
  const columns = ['device', 'from', 'to', 'availability_percent', 'up_s', 'down_s', 'unknown_s', 'maintenance_s'];
  return { columns, rows };
}

function times({ from_ms, to_ms }: Span, points: number): number[] {
  return Array.from({ length: points }, (_, index) => from_ms + ((to_ms - from_ms) * index) / points);
}

function pings(
  monitors: readonly string[],
  usual_ms: number,
  span: Span,
  points: number,
): { columns: string[]; rows: Line[] } {
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
      if (place === 1 && age_ms < DISPUTE_ms[0] && age_ms > DISPUTE_ms[1])
        return [...start, 0, null, null, null, null, null];
      const busy = 1 + 0.7 * Math.max(0, Math.sin((at_ms - span.to_ms) / 7_000_000)) + random() * 0.15;
      const least = usual_ms * (0.8 + place * 0.06) * (0.98 + random() * 0.06);
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
  const [into, out] = TRAFFIC_bps[part] ?? [0, 0];
  const evening = (at_ms: number): number => 0.25 + Math.max(0, Math.sin(at_ms / 7_000_000));
  const rows = times(span, points).map((at_ms): Line => {
    // At the end it is what the newest poll says.
    const busy = Math.min(1.05, (evening(at_ms) / evening(span.to_ms)) * (0.85 + random() * 0.3));
    const errors = part === 'ether3' && random() < 0.03 ? random() * 3 : 0;
    return [monitor, iso(at_ms), part, into * busy, out * busy, errors, 0];
  });
  return { columns: ['monitor', 'at', 'part', 'in_bps', 'out_bps', 'in_errors_per_s', 'out_errors_per_s'], rows };
}

function iso(at_ms: number): string {
  return new Date(at_ms).toISOString();
}
