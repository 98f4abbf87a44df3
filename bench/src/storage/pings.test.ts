import { describe, expect, it } from 'vitest';
import { BEGIN_ms, DAY_ms, MINUTE_ms, observationOf, pingOf, pingsOf, seconds } from './pings.ts';

const MINUTE = BEGIN_ms / MINUTE_ms;

describe('the pings that each store is given', () => {
  it('are the same each time, by time or by device', () => {
    const byTime = [...seconds(70, BEGIN_ms, BEGIN_ms + 3 * MINUTE_ms)].flat();
    expect([...seconds(70, BEGIN_ms, BEGIN_ms + 3 * MINUTE_ms)].flat()).toEqual(byTime);
    const byDevice = Array.from({ length: 70 }, (_, device) => pingsOf(device, BEGIN_ms, BEGIN_ms + 3 * MINUTE_ms));
    const order = (a: { at_ms: number; device: number }, b: typeof a): number =>
      a.at_ms - b.at_ms || a.device - b.device;
    expect(byTime.sort(order)).toEqual(byDevice.flat().sort(order));
  });

  it('are one a minute of each device, in the order in which they are heard', () => {
    const found = [...seconds(200, BEGIN_ms, BEGIN_ms + 2 * MINUTE_ms)];
    expect(found).toHaveLength(120);
    expect(found.flat()).toHaveLength(400);
    found.forEach((pings, second) => {
      for (const { at_ms } of pings) expect(Math.floor((at_ms - BEGIN_ms) / 1000)).toBe(second);
    });
  });

  it('are sometimes lost, more so at some devices, and each device is down at times', () => {
    const week = Array.from({ length: (7 * DAY_ms) / MINUTE_ms }, (_, each) => MINUTE + each);
    const lost = (device: number): number => week.filter((minute) => pingOf(device, minute).received === 2).length;
    const down = (device: number): number => week.filter((minute) => pingOf(device, minute).rtt === undefined).length;
    expect(lost(7) / week.length).toBeCloseTo(0.15, 1);
    expect(lost(8) / week.length).toBeCloseTo(0.006, 2);
    expect(down(8)).toBeGreaterThanOrEqual(10);
    expect(down(8)).toBeLessThanOrEqual(20);
  });

  it('are said over MQTT with three decimals of a millisecond', () => {
    const seen = observationOf(pingOf(1, MINUTE));
    expect(seen).toMatchObject({ state: 'up', sent: 3, received: 3, loss_percent: 0 });
    for (const trip of [seen.rtt_min_ms, seen.rtt_avg_ms, seen.rtt_max_ms]) {
      expect(String(trip)).toMatch(/^\d+(\.\d{1,3})?$/);
    }
  });

  it('have round trips as fping prints them: three digits, and no decimal beyond the third', () => {
    for (let device = 0; device < 100; device++) {
      const { rtt } = pingOf(device, MINUTE);
      for (const trip_us of rtt === undefined ? [] : [rtt.min_us, rtt.max_us]) {
        expect(trip_us).toBe(Number(trip_us.toPrecision(3)));
      }
    }
  });
});
