import type { JSX } from 'preact';
import { pastAndHeard, type Past } from '../history/sparks.ts';
import type { Samples } from '../network/samples.ts';
import { milliseconds } from '../units/figures.ts';

const HEIGHT = 20;
const WIDTH = 96;

export interface SparkLineProps {
  readonly samples: Samples | undefined;
  /** What the history knows of the time before. */
  readonly past?: Past | undefined;
}

/** The newest round trips of a device as a line over time; where replies were lost a mark stands at the foot. */
export function SparkLine({ samples, past }: SparkLineProps): JSX.Element | null {
  const points = pastAndHeard(past, samples ?? []);
  if (points.length < 2) return null;
  const rtts = points.map(({ rtt_ms }) => rtt_ms).filter((rtt_ms) => !Number.isNaN(rtt_ms));
  const most = Math.max(...rtts);
  const least = Math.min(...rtts);
  // A line that hardly moves stays flat: noise is not drawn as mountains.
  const span = Math.max(most - least, most * 0.2, 0.05);
  // Lines with a past begin at the same time: one below the other they can be compared.
  const from_ms = past?.from_ms ?? points[0]!.at_ms;
  const length_ms = Math.max(1, points.at(-1)!.at_ms - from_ms);
  const x = (at_ms: number): string => (((at_ms - from_ms) / length_ms) * (WIDTH - 2) + 1).toFixed(1);
  const y = (rtt_ms: number): number => 2 + (1 - (rtt_ms - least) / span) * (HEIGHT - 7);
  let line = '';
  let isDrawing = false;
  for (const { at_ms, rtt_ms } of points) {
    if (Number.isNaN(rtt_ms)) {
      isDrawing = false;
      continue;
    }
    line += `${isDrawing ? 'L' : 'M'}${x(at_ms)} ${y(rtt_ms).toFixed(1)}`;
    isDrawing = true;
  }
  const losses = points
    .map(({ at_ms, loss_percent }) =>
      loss_percent > 0 ? `M${x(at_ms)} ${HEIGHT}v-${loss_percent >= 100 ? 6 : 3}` : '',
    )
    .join('');
  const words = rtts.length === 0 ? 'no replies' : `${milliseconds(least)} to ${milliseconds(most)}`;
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={`recent round trips: ${words}`}
    >
      <path class="spark-line" d={line} />
      {losses !== '' && <path class="spark-loss" d={losses} />}
    </svg>
  );
}
