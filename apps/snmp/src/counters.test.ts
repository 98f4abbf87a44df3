import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterRate, intervalBetween, uptimeOf, type Counter } from './counters.ts';

const unlimited = { max_per_s: undefined, sustained: false };
const gigabit = { max_per_s: 125e6, sustained: true };
const counter = (value: bigint, bits: 32 | 64): Counter => ({ value, bits });
const TICKS = 2 ** 32;

describe('the interval between two readings', () => {
  it('is the agent’s own, in which no delay on the way shows', () => {
    const interval = intervalBetween({ local_ms: 0, ticks: 1000 }, { local_ms: 63_000, ticks: 7000 });
    expect(interval).toBe(60);
  });

  it('is ours where the agent has no sysUpTime', () => {
    expect(intervalBetween({ local_ms: 0, ticks: undefined }, { local_ms: 61_500, ticks: 12 })).toBe(61.5);
  });

  it('is the longer one when the two disagree: a cached sysUpTime, or a host of ours that slept, makes no spike', () => {
    expect(intervalBetween({ local_ms: 0, ticks: 90_000 }, { local_ms: 60_000, ticks: 90_100 })).toBe(60);
    expect(intervalBetween({ local_ms: 0, ticks: 90_000 }, { local_ms: 60_000, ticks: 450_000 })).toBe(3600);
  });

  it('goes on over the wrap of sysUpTime after 497 days', () => {
    expect(intervalBetween({ local_ms: 0, ticks: TICKS - 3000 }, { local_ms: 60_100, ticks: 3000 })).toBe(60);
  });

  it('ends at a reboot, also one in a gap so long that sysUpTime is higher again', () => {
    expect(intervalBetween({ local_ms: 0, ticks: 500_000 }, { local_ms: 60_000, ticks: 2000 })).toBe('reboot');
    expect(intervalBetween({ local_ms: 0, ticks: 1000 }, { local_ms: 600_000, ticks: 30_000 })).toBe('reboot');
    expect(intervalBetween({ local_ms: 0, ticks: TICKS - 90_000 }, { local_ms: 60_000, ticks: 2000 })).toBe('reboot');
  });

  it('is no interval when the polls are too close', () => {
    expect(intervalBetween({ local_ms: 0, ticks: 100 }, { local_ms: 100, ticks: 110 })).toBe('too soon');
  });

  it('is never 0, negative or shorter than three quarters of what our clock measured', () => {
    const ticks = fc.option(fc.integer({ min: 0, max: TICKS - 1 }), { nil: undefined });
    fc.assert(
      fc.property(ticks, ticks, fc.double({ min: 0, max: 1e9, noNaN: true }), (before, after, local_ms) => {
        const interval = intervalBetween({ local_ms: 0, ticks: before }, { local_ms, ticks: after });
        if (typeof interval === 'number') expect(interval).toBeGreaterThanOrEqual((local_ms / 1000) * 0.7499);
        if (typeof interval === 'number') expect(interval).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a counter’s rate', () => {
  it('is what was counted over the time, through any number of single wraps', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<32 | 64>(32, 64),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.integer({ min: 0, max: 1_000_000_000 }),
        fc.integer({ min: 1, max: 30 }),
        (bits, start, counted, interval_s) => {
          const modulus = 2n ** BigInt(bits);
          const before = start % modulus;
          const after = (before + BigInt(counted)) % modulus;
          const rate = counterRate(counter(before, bits), counter(after, bits), interval_s, gigabit);
          expect(rate).toBe(counted / interval_s);
        },
      ),
    );
  });

  it('is never more than the interface can carry with what an agent’s cache may hold back: no 18-exabit spike', () => {
    const value = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(
        fc.constantFrom<32 | 64>(32, 64),
        value,
        value,
        fc.integer({ min: 1, max: 30 }),
        (bits, a, b, interval) => {
          const modulus = 2n ** BigInt(bits);
          const rate = counterRate(counter(a % modulus, bits), counter(b % modulus, bits), interval, gigabit);
          if (typeof rate === 'number') expect(rate).toBeLessThanOrEqual((125e6 * 1.1 * (interval + 15)) / interval);
          if (typeof rate === 'number') expect(rate).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('tells a counter that was set back from one that wrapped', () => {
    expect(counterRate(counter(9_000_000_000_000n, 64), counter(5n, 64), 60, gigabit)).toBe('counter went back');
    expect(counterRate(counter(4_000_000_000n, 64), counter(5n, 64), 60, unlimited)).toBe('counter went back');
    expect(counterRate(counter(4_294_967_000n, 32), counter(704n, 32), 10, unlimited)).toBe(100);
    expect(counterRate(counter(1_000_000n, 32), counter(5n, 32), 10, unlimited)).toBe('counter went back');
  });

  it('tells a jump beyond what the interface’s speed allows', () => {
    expect(counterRate(counter(0n, 64), counter(10n ** 15n, 64), 60, gigabit)).toBe('counter jumped');
  });

  it('is none where 32 bits may have wrapped unseen', () => {
    expect(counterRate(counter(0n, 32), counter(1000n, 32), 60, gigabit)).toBe('wraps too fast');
    expect(counterRate(counter(0n, 32), counter(1000n, 32), 10, gigabit)).toBe(100);
    expect(counterRate(counter(0n, 32), counter(600n, 32), 60, { max_per_s: 1e9, sustained: false })).toBe(10);
  });

  it('is none of an absent counter, a first one, one of another width, or one beyond its width', () => {
    expect(counterRate(undefined, undefined, 60, unlimited)).toBe('not given');
    expect(counterRate(undefined, counter(1n, 32), 60, unlimited)).toBe('first poll');
    expect(counterRate(counter(1n, 32), counter(1n, 64), 60, unlimited)).toBe('discontinuity');
    expect(counterRate(counter(1n, 32), counter(2n ** 33n, 32), 60, unlimited)).toBe('counter jumped');
  });
});

describe('the uptime', () => {
  it('goes on beyond 497 days where snmpEngineTime tells of the same start', () => {
    const period_s = TICKS / 100;
    expect(uptimeOf(360_000, 3600)).toBe(3600);
    expect(uptimeOf(360_000, Math.round(2 * period_s) + 3601)).toBeCloseTo(2 * period_s + 3600, 0);
  });

  it('is sysUpTime where the engine started at another time, and the engine’s where there is no other', () => {
    expect(uptimeOf(360_000, 90)).toBe(3600);
    expect(uptimeOf(360_000, -5)).toBe(3600);
    expect(uptimeOf(undefined, 90)).toBe(90);
    expect(uptimeOf(undefined, undefined)).toBe(null);
  });
});
