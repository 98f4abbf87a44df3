import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import uPlot from 'uplot';
import { withGaps } from '../history/gaps.ts';
import type { Latency } from '../history/latency.ts';
import { milliseconds, percent } from '../units/figures.ts';
import { axis, Chart, drawable, legendTime, timeAxis, type ChartOptions } from './chart.tsx';

export interface LatencyChartProps {
  readonly latency: Latency;
  readonly from_s: number;
  readonly to_s: number;
  readonly monitor: string;
}

const shown = (format: (value: number | null) => string) => (_plot: uPlot, value: number | null) => format(value);

/** Round trips as smoke (from least to greatest, darker towards the median), and the replies that were lost below. */
export function LatencyChart({ latency, from_s, to_s, monitor }: LatencyChartProps): JSX.Element {
  const { max_ms, p95_ms, median_ms, min_ms, loss_percent } = latency;
  const smoke = useMemo(
    () => drawable(withGaps(latency, [max_ms, p95_ms, median_ms, min_ms, loss_percent])),
    [latency],
  );
  const losses = useMemo(() => drawable(withGaps(latency, [loss_percent])), [latency]);
  const rangeKey = `${from_s} ${to_s}`;
  return (
    <>
      <Chart
        kind={`smoke ${rangeKey}`}
        options={smokeOptions(from_s, to_s)}
        data={smoke}
        height_px={240}
        label={inWords(latency, monitor)}
      />
      <Chart
        kind={`loss ${rangeKey}`}
        options={lossOptions(from_s, to_s)}
        data={losses}
        height_px={64}
        label={`Lost replies as ${monitor} saw them`}
      />
    </>
  );
}

function smokeOptions(from_s: number, to_s: number): ChartOptions {
  return (palette) => {
    const edge = { width: 0, points: { show: false }, value: shown(milliseconds) };
    return {
      cursor: { sync: { key: 'device' }, y: false, points: { size: 6 } },
      padding: [24, palette.right_px, 0, 0],
      legend: { markers: { show: false } },
      scales: {
        x: { min: from_s, max: to_s, range: [from_s, to_s] },
        y: { range: (_plot, _min, max) => [0, Math.max(max ?? 1, 0.2) * 1.1] },
        loss: { range: [0, 100] },
      },
      axes: [
        timeAxis(palette),
        axis(palette, { size: palette.left_px, values: (_plot, ticks) => ticks.map((tick) => milliseconds(tick)) }),
      ],
      series: [
        { label: 'At', value: legendTime },
        { label: 'greatest', ...edge },
        { label: '95 %', ...edge },
        {
          label: 'median',
          stroke: palette.of('smoke-line'),
          width: 1.5,
          points: { show: false },
          value: shown(milliseconds),
        },
        { label: 'least', ...edge },
        { label: 'lost', ...edge, scale: 'loss', value: shown(percent) },
      ],
      bands: [
        { series: [1, 2], fill: palette.of('smoke-thin') },
        { series: [2, 3], fill: palette.of('smoke-dense') },
        { series: [3, 4], fill: palette.of('smoke-dense') },
      ],
    };
  };
}

function lossOptions(from_s: number, to_s: number): ChartOptions {
  return (palette) => ({
    cursor: { sync: { key: 'device' }, y: false },
    padding: [6, palette.right_px, 6, 0],
    legend: { show: false },
    scales: { x: { min: from_s, max: to_s, range: [from_s, to_s] }, y: { range: [0, 100] } },
    axes: [
      axis(palette, { show: false }),
      axis(palette, {
        size: palette.left_px,
        splits: () => [0, 50, 100],
        values: (_plot, ticks) => ticks.map((tick) => percent(tick)),
      }),
    ],
    series: [
      { label: 'At' },
      {
        label: 'lost',
        stroke: palette.of('state-down'),
        fill: palette.of('loss-fill'),
        width: 1,
        points: { show: false },
        paths: uPlot.paths.stepped!({ align: 1 }),
        value: shown(percent),
      },
    ],
  });
}

function inWords({ min_ms, median_ms, max_ms, loss_percent }: Latency, monitor: string): string {
  const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
  const medians = known(median_ms).sort((a, b) => a - b);
  if (medians.length === 0) return `Round trips as ${monitor} saw them: none`;
  const losses = known(loss_percent);
  const lost = losses.reduce((sum, loss) => sum + loss, 0) / Math.max(1, losses.length);
  const least = known(min_ms).reduce((a, b) => Math.min(a, b), Infinity);
  const most = known(max_ms).reduce((a, b) => Math.max(a, b), 0);
  return `Round trips as ${monitor} saw them: ${milliseconds(least)} to ${milliseconds(most)}, mostly ${milliseconds(medians[medians.length >> 1])}; ${percent(lost)} of the replies were lost`;
}
