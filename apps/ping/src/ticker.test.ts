import { ManualClock, type Clock } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { Ticker } from './ticker.ts';

describe('the ticker', () => {
  it('calls at the beginning of each second, until it is stopped', async () => {
    const clock = new ManualClock();
    await clock.advance(300);
    const ticks: number[] = [];
    const ticker = new Ticker(clock, (now_ms) => ticks.push(now_ms));
    ticker.start();
    await clock.advance(3000);
    expect(ticks).toEqual([1000, 2000, 3000]);
    ticker.stop();
    await clock.advance(3000);
    expect(ticks).toHaveLength(3);
  });

  it('takes a timer that fires early for that of its second, and makes up for none that was slept through', () => {
    let now_ms = 0;
    let fire: () => void = () => undefined;
    const clock: Clock = {
      now_ms: () => now_ms,
      monotonic_ms: () => now_ms,
      after: (_delay_ms, callback) => {
        fire = callback;
        return { cancel: () => undefined };
      },
    };
    const ticks: [number, number][] = [];
    new Ticker(clock, (...tick) => ticks.push(tick)).start();
    for (const at_ms of [999.6, 2000.5, 7250]) {
      now_ms = at_ms;
      fire();
    }
    expect(ticks).toEqual([
      [1000, 0],
      [2000.5, 0.5],
      [7250, 4250],
    ]);
  });
});
