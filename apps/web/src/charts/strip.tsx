import type { JSX } from 'preact';
import { sharesOf, type Piece, type Run } from '../history/strip.ts';
import { percent } from '../units/figures.ts';
import { clock } from '../units/times.ts';

const WORDS: Readonly<Record<Piece, string>> = {
  up: 'up',
  lossy: 'losing replies',
  down: 'down',
  none: 'not measured',
  disputed: 'disputed',
  unreachable: 'unreachable',
  unknown: 'unknown',
  maintenance: 'maintenance',
};

/** In the units of the strip's drawing. */
const WIDTH = 1000;
/** An outage of a minute in a year is to be seen all the same. */
const LEAST = 1.5;

export interface StripProps {
  readonly name: string;
  readonly runs: readonly Run[];
  readonly from_s: number;
  readonly to_s: number;
  readonly now_ms: number;
}

/** State over time as a strip: height, too, tells what is amiss. */
export function Strip({ name, runs, from_s, to_s, now_ms }: StripProps): JSX.Element {
  const shares = sharesOf(runs);
  const words = [...shares]
    .sort(([, a], [, b]) => b - a)
    .map(([piece, share]) => `${WORDS[piece]} ${percent(share * 100)}`)
    .join(', ');
  const x = (at_s: number): number => Math.max(0, Math.min(WIDTH, ((at_s - from_s) / (to_s - from_s)) * WIDTH));
  // What is amiss is drawn last, over what is well.
  const ordered = [...runs].sort((a, b) => Number(a.piece !== 'up') - Number(b.piece !== 'up'));
  return (
    <div class="strip">
      <span class="strip-name">{name}</span>
      <svg
        viewBox={`0 0 ${WIDTH} 16`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}: ${words || 'nothing known'}`}
      >
        <rect class="strip-ground" width={WIDTH} height="16" />
        {ordered.map((run) => (
          <rect
            key={`${run.from_s} ${run.piece}`}
            class={`strip-${run.piece}`}
            x={x(run.from_s)}
            width={Math.max(LEAST, x(run.to_s) - x(run.from_s))}
            y={run.piece === 'up' ? 4 : 0}
            height={run.piece === 'up' ? 8 : 16}
          >
            <title>
              {`${WORDS[run.piece]}: ${clock(run.from_s * 1000, now_ms)} – ${clock(run.to_s * 1000, now_ms)}`}
            </title>
          </rect>
        ))}
      </svg>
      <span class="strip-share">
        {runs.length > 0 ? percent(((shares.get('up') ?? 0) + (shares.get('lossy') ?? 0)) * 100) : ''}
      </span>
    </div>
  );
}
