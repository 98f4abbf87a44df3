import { describe, expect, it } from 'vitest';
import { HOUR_ms, type Hour } from './answers.ts';
import { BEGIN_ms, pingsOf } from './pings.ts';
import { checkSeries, checkWorst, WrongAnswer } from './truth.ts';

const span = { from_ms: BEGIN_ms, to_ms: BEGIN_ms + HOUR_ms };
const pings = pingsOf(7, span.from_ms, span.to_ms);
const lost = pings.reduce((sum, { received }) => sum + 3 - received, 0);
const loss_percent = (100 * lost) / 180;
const trips_ms = pings.flatMap(({ rtt }) => (rtt === undefined ? [] : [rtt.avg_us / 1000]));
const right: Hour = { loss_percent, rtt_avg_ms: trips_ms.reduce((sum, each) => sum + each, 0) / trips_ms.length };

describe('an answer', () => {
  it('is right when it says what was kept', () => {
    expect(lost).toBeGreaterThan(0);
    expect(() => checkSeries(7, span, [right])).not.toThrow();
    expect(() => checkWorst(1, span, [{ device: 'device-7', loss_percent }])).not.toThrow();
  });

  it.each<[string, Hour[]]>([
    ['lacks an hour', []],
    ['has another loss', [{ ...right, loss_percent: loss_percent + 0.1 }]],
    ['has another round trip', [{ ...right, rtt_avg_ms: 1.1 * right.rtt_avg_ms! }]],
    ['has no round trip', [{ ...right, rtt_avg_ms: null }]],
    ['is no number', [{ loss_percent: NaN, rtt_avg_ms: NaN }]],
  ])('is wrong when it %s', (_, found) => {
    expect(() => checkSeries(7, span, found)).toThrow(WrongAnswer);
  });

  it('is wrong when it names too few of the worst, or another loss', () => {
    expect(() => checkWorst(2, span, [{ device: 'device-7', loss_percent }])).toThrow(WrongAnswer);
    expect(() => checkWorst(1, span, [{ device: 'device-7', loss_percent: 0 }])).toThrow(WrongAnswer);
    expect(() => checkWorst(1, span, [{ device: 'device-7', loss_percent: NaN }])).toThrow(WrongAnswer);
  });
});
