import type { Answers, Span } from './answers.ts';
import { HOUR_ms } from './answers.ts';
import { checkSeries, checkWorst } from './truth.ts';

const WARM_UP = 3;
const TIMES = 20;
/** A question that takes long is asked less often. */
const ENOUGH_ms = 30_000;
const TIMES_least = 3;

/** How long a question took, asked several times. */
export interface Asked {
  readonly times: number;
  readonly median_ms: number;
  readonly slowest_ms: number;
}

/** One device’s graph over the span, of another device each time. */
export async function askSeries(answers: Pick<Answers, 'series'>, devices: number, span: Span): Promise<Asked> {
  return timed(async (turn) => {
    // Far apart in whatever order devices are stored.
    const device = (turn * 373) % devices;
    const found = await answers.series(device, span);
    return () => checkSeries(device, span, found);
  });
}

/** The worst, over a span that begins an hour later each time. */
export async function askWorst(answers: Pick<Answers, 'worst'>, devices: number, span: Span): Promise<Asked> {
  return timed(async (turn) => {
    const shorter = { ...span, from_ms: span.from_ms + (turn % 20) * HOUR_ms };
    const found = await answers.worst(shorter);
    return () => checkWorst(devices, shorter, found);
  });
}

/** Asks until the answer, all of it read; to look whether it is right is not part of that. */
async function timed(ask: (turn: number) => Promise<() => void>): Promise<Asked> {
  const took_ms: number[] = [];
  const begun_ms = performance.now();
  for (let turn = -WARM_UP; turn < TIMES; turn++) {
    if (turn >= TIMES_least && performance.now() - begun_ms > ENOUGH_ms) break;
    const from_ms = performance.now();
    const check = await ask(turn + WARM_UP);
    const end_ms = performance.now();
    check();
    if (turn >= 0) took_ms.push(end_ms - from_ms);
  }
  return quantiles(took_ms);
}

/** The median of an even number is the mean of the two in the middle. */
export function quantiles(took_ms: readonly number[]): Asked {
  const sorted = [...took_ms].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median_ms = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
  return { times: sorted.length, median_ms, slowest_ms: sorted.at(-1) ?? NaN };
}
