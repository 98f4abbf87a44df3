import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { withGaps, type Rhythm } from '../history/gaps.ts';
import { bitsPerSecond, perSecond } from '../units/figures.ts';
import { axis, Chart, drawable, legendTime, timeAxis, type ChartOptions } from './chart.tsx';

type Values = readonly (number | null)[];

/** One interface over time. */
export interface Traffic extends Rhythm {
  readonly in_bps: Values;
  readonly out_bps: Values;
  /** Errors and discards of both directions. */
  readonly errors_per_s: Values;
}

export interface TrafficChartProps {
  readonly traffic: Traffic;
  readonly from_s: number;
  readonly to_s: number;
  readonly name: string;
}

/** What comes in above the line, what goes out below it; errors as marks of their own. */
export function TrafficChart({ traffic, from_s, to_s, name }: TrafficChartProps): JSX.Element {
  const data = useMemo(() => {
    const out = traffic.out_bps.map((bps) => (bps === null ? null : -bps));
    const errors = traffic.errors_per_s.map((rate) => (rate === 0 ? null : rate));
    return drawable(withGaps(traffic, [traffic.in_bps, out, errors]));
  }, [traffic]);
  const most = (values: Values): number => values.reduce<number>((a, b) => Math.max(a, b ?? 0), 0);
  const label = `Traffic of ${name}: in up to ${bitsPerSecond(most(traffic.in_bps))}, out up to ${bitsPerSecond(most(traffic.out_bps))}, errors up to ${perSecond(most(traffic.errors_per_s))}`;
  return (
    <Chart kind={`${from_s} ${to_s}`} options={optionsOf(from_s, to_s)} data={data} height_px={150} label={label} />
  );
}

function optionsOf(from_s: number, to_s: number): ChartOptions {
  return (palette) => {
    const size = (_plot: uPlot, value: number | null): string => bitsPerSecond(value === null ? null : Math.abs(value));
    return {
      cursor: { sync: { key: 'device' }, y: false, points: { size: 5 } },
      padding: [22, 8, 0, 0],
      legend: { markers: { show: false } },
      scales: {
        x: { min: from_s, max: to_s, range: [from_s, to_s] },
        bps: {
          // What goes out stands below the line; a direction without traffic keeps a tenth of the height.
          range: (_plot, least, greatest) => {
            const [out, into] = [Math.max(0, -(least ?? 0)), Math.max(0, greatest ?? 0)];
            const most = Math.max(out, into, 1000);
            return [-1.15 * Math.max(out, most / 10), 1.15 * Math.max(into, most / 10)];
          },
        },
        errors: { range: (_plot, _min, max) => [0, Math.max(max ?? 1, 1) * 4] },
      },
      axes: [
        timeAxis(palette),
        axis(palette, {
          scale: 'bps',
          size: 62,
          values: (_plot, ticks) => ticks.map((tick) => bitsPerSecond(Math.abs(tick))),
        }),
      ],
      series: [
        { label: 'At', value: legendTime },
        {
          label: 'in',
          scale: 'bps',
          stroke: palette.of('traffic-in'),
          fill: palette.of('traffic-in-fill'),
          width: 1.2,
          points: { show: false },
          value: size,
        },
        {
          label: 'out',
          scale: 'bps',
          stroke: palette.of('traffic-out'),
          fill: palette.of('traffic-out-fill'),
          width: 1.2,
          points: { show: false },
          value: size,
        },
        {
          label: 'errors',
          scale: 'errors',
          stroke: palette.of('state-down'),
          fill: palette.of('state-down'),
          width: 0,
          points: { show: true, size: 5, fill: palette.of('state-down') },
          value: (_plot, value: number | null) => perSecond(value ?? 0),
        },
      ],
    };
  };
}
