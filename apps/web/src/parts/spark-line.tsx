import type { JSX } from 'preact';
import type { Samples } from '../network/samples.ts';
import { milliseconds } from '../units/figures.ts';

const HEIGHT = 20;
const WIDTH = 96;

/** The newest round trips of a device as a line; where replies were lost a mark stands at the foot. */
export function SparkLine({ samples }: { readonly samples: Samples | undefined }): JSX.Element | null {
  if (samples === undefined || samples.length < 2) return null;
  const points = [...samples];
  const rtts = points.map(({ rtt_ms }) => rtt_ms).filter((rtt_ms) => !Number.isNaN(rtt_ms));
  const most = Math.max(...rtts);
  const least = Math.min(...rtts);
  // A line that hardly moves stays flat: noise is not drawn as mountains.
  const span = Math.max(most - least, most * 0.2, 0.05);
  const x = (index: number): number => (index / (points.length - 1)) * (WIDTH - 2) + 1;
  const y = (rtt_ms: number): number => 2 + (1 - (rtt_ms - least) / span) * (HEIGHT - 7);
  let line = '';
  let isDrawing = false;
  for (const [index, { rtt_ms }] of points.entries()) {
    if (Number.isNaN(rtt_ms)) {
      isDrawing = false;
      continue;
    }
    line += `${isDrawing ? 'L' : 'M'}${x(index).toFixed(1)} ${y(rtt_ms).toFixed(1)}`;
    isDrawing = true;
  }
  const losses = points
    .map(({ loss_percent }, index) =>
      loss_percent > 0 ? `M${x(index).toFixed(1)} ${HEIGHT}v-${loss_percent >= 100 ? 6 : 3}` : '',
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
